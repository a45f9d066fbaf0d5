// The same bench natively and in Chromium, both on SwiftShader, in turn: how much of the native rate a page keeps.
//
//   node bench/chromium.mjs --model FILE [-p 32] [-n 8] [-r 2] [--pairs 3] [--tier auto] [--ggweb target/debug/ggweb]

import { execFileSync } from 'node:child_process';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from '../test/browser.mjs';
import { repoDir } from '../test/data.mjs';
import { inPage, serveAll } from '../test/pages.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    prompt: { type: 'string', short: 'p', default: '32' },
    decode: { type: 'string', short: 'n', default: '8' },
    repeats: { type: 'string', short: 'r', default: '2' },
    pairs: { type: 'string', default: '3' },
    tier: { type: 'string', default: 'auto' },
    ggweb: { type: 'string', default: join(repoDir, 'target/debug/ggweb') },
  },
});
if (!values.model) throw new Error('--model FILE is needed');
const file = resolve(values.model);
const [p, n, r] = [values.prompt, values.decode, values.repeats].map(Number);
const icd = '/usr/lib/chromium/vk_swiftshader_icd.json';

function native() {
  const args = ['bench', '--model', file, '-p', p, '-n', n, '-r', r, '--tier', values.tier, '--json'];
  const env = { ...process.env, VK_ICD_FILENAMES: icd };
  const out = execFileSync(values.ggweb, args.map(String), { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const { prefill, decode, tier } = JSON.parse(out.toString());
  return { prefill: prefill.tok_s.median, decode: decode.tok_s.median, tier };
}

async function page(server) {
  const browser = await launchChromium();
  try {
    return await inPage(
      browser,
      server.origin,
      async ({ name, p, n, r, tier }) => {
        const { load } = await import('/dist/index.js');
        const model = await load(`/bench/${name}`, { tier });
        const report = await model.bench({ promptTokens: p, decodeTokens: n, repeats: r });
        const { info } = model;
        await model.dispose();
        return { prefill: report.prefillTokS.median, decode: report.decodeTokS.median, tier: info.tier };
      },
      { name: basename(file), p, n, r, tier: values.tier },
    );
  } finally {
    await browser.close();
  }
}

const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const server = await serveAll({ '/bench/': dirname(file) });
const ratios = { prefill: [], decode: [] };
for (let pair = 0; pair < Number(values.pairs); pair++) {
  const ours = pair % 2 ? [await page(server), native()] : [native(), await page(server)].reverse();
  const [web, own] = ours;
  for (const key of ['prefill', 'decode']) ratios[key].push(web[key] / own[key]);
  console.log(JSON.stringify({ pair, page: web, native: own }));
}
console.log(
  `page / native: prefill ${middle(ratios.prefill).toFixed(2)}, decode ${middle(ratios.decode).toFixed(2)}`,
);
await server.close();
