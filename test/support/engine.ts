// The engine as a module for scripts that are not compiled: the UI runs ask it for what the panel must show.
export { readModelFiles } from '../../src/engine/cli/readModelFiles';
export { ExplorerEngine } from '../../src/engine/explorerEngine';
export { nodePlatform } from '../../src/runtime/nodePlatform';
export { DEFAULT_DECODING } from '../../src/shared/translation';
