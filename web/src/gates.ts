// What int8 activations cost the models that were loaded before, in a database of the page's origin: a line for each,
// by the key at its beginning. Without a database (private windows, Node) a model is measured again.

const DATABASE = 'ggweb';
const STORE = 'gates';
/** A database that has not answered by then is passed over: no load waits for it longer. */
const PATIENCE_MS = 5000;

/** All lines that are known. */
export async function knownGates(): Promise<string> {
  const lines = await withStore('readonly', (store) => store.getAll());
  return Array.isArray(lines) ? lines.filter((line) => typeof line === 'string').join('\n') : '';
}

/** Adds a line, or takes it in place of the one with its key. */
export async function rememberGate(line: string): Promise<void> {
  await withStore('readwrite', (store) => store.put(line, line.split(' ', 1)[0]));
}

/** What the request gives, or nothing where the browser refuses any of it. */
async function withStore<T>(
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  if (globalThis.indexedDB === undefined) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  try {
    return await Promise.race([late, asked(mode, request).catch(() => undefined)]);
  } finally {
    clearTimeout(timer);
  }
}

async function asked<T>(
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    // A worker that ends between a request's success and this takes what was written with it.
    const isKept = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([settled(request(transaction.objectStore(STORE))), isKept]);
    return result;
  } finally {
    database.close();
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
