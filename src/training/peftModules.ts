// What PEFT calls the modules of a model whose encoder and decoder lie in files of their own, and which module one of its names means.
import type { LoraSite } from './lora';

/**
 * The full name of every site's module, from the root of the model in PyTorch. An encoder that was exported alone calls its
 * modules `layers.0.self_attn.q_proj`, the same as its decoder may; PEFT looks for `model.encoder.layers.0.self_attn.q_proj`.
 * What stands before the stack's name is taken from the other stack, else from what transformers calls the layers: `layers`
 * in its BART-like models, which keep both stacks in `model`, and `block` in T5, which does not.
 */
export function peftModules(sites: readonly LoraSite[]): ReadonlyMap<LoraSite, string> {
  const named = sites.map(({ stack, module }) => rootOf(module, stack)).find((root) => root !== undefined);
  return new Map(
    sites.map((site) => {
      const { stack, module } = site;
      if (stack === 'model' || rootOf(module, stack) !== undefined) {
        return [site, module];
      }
      const root = named ?? (module.startsWith('layers.') ? 'model.' : '');
      return [site, `${root}${stack}.${module}`];
    }),
  );
}

/** What stands before the name of the stack in a module's name; undefined when that is not in it. */
function rootOf(module: string, stack: string): string | undefined {
  const parts = module.split('.');
  const at = parts.indexOf(stack);
  return stack === 'model' || at < 0
    ? undefined
    : parts
        .slice(0, at)
        .map((part) => `${part}.`)
        .join('');
}

/**
 * The site that an adapter's module name means: the same name, else the only one of which one is the end of the other, as when
 * a model was exported inside another module.
 */
export function findModule(name: string, modules: ReadonlyMap<LoraSite, string>): LoraSite | undefined {
  const all = [...modules];
  const exact = all.find(([, module]) => module === name);
  const alike = exact ? [exact] : all.filter(([, module]) => isEnd(module, name) || isEnd(name, module));
  return alike.length === 1 ? alike[0][0] : undefined;
}

function isEnd(end: string, whole: string): boolean {
  return whole.endsWith(`.${end}`);
}
