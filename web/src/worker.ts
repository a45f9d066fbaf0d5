// Entry of the worker that `load` starts.

import { startEngine } from './glue.js';
import { type Port, serve } from './host.js';

serve(globalThis as unknown as Port, startEngine);
