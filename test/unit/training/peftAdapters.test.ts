// Adapters that PEFT itself made for models of transformers: read here they give PEFT's logits, and ours have the names that PEFT has.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { GraphFacts } from '../../../src/anatomy/graphFacts';
import { canonicalOpset } from '../../../src/gradient/canonicalOpset';
import { readSafetensors } from '../../../src/shared/safetensors';
import { ADAPTER_CONFIG, ADAPTER_MODEL, readAdapter, writeAdapter } from '../../../src/training/adapterFiles';
import { applyChange, loraChange } from '../../../src/training/changedWeights';
import { loraSites, type LoraSite } from '../../../src/training/lora';
import { findModule, peftModules } from '../../../src/training/peftModules';
import { initialParameters, trainingModel, type Method } from '../../../src/training/trainingModel';
import { stacksOf, type TrainingStack, type TrainingStacks } from '../../../src/training/trainingStack';
import { readExport } from '../gradient/exportCase';
import { floats, largestDifference, runOnce } from './shipped';

const folder = fileURLToPath(new URL('../../golden/exports', import.meta.url));
const TARGETS = ['query', 'key', 'value', 'output', 'feedForward'] as const;
const FULL: Method = { kind: 'full' };

function stack(name: string): TrainingStack {
  const { model } = readExport(folder, `${name}.eager.script.17`);
  return { model, anatomy: findAnatomy(model) };
}

const STACKS: Readonly<Record<string, () => TrainingStacks>> = {
  bert: () => ({ model: stack('bert.model') }),
  gpt2: () => ({ model: stack('gpt2.model') }),
  llama: () => ({ model: stack('llama.model') }),
  marian: () => ({ encoder: stack('marian.encoder'), decoder: stack('marian.decoder') }),
};

const sitesOf = (stacks: TrainingStacks): readonly LoraSite[] =>
  stacksOf(stacks).flatMap(([name, { model, anatomy }]) =>
    loraSites(name, new GraphFacts(canonicalOpset(model)), anatomy, TARGETS),
  );

async function logitsOf(stacks: TrainingStacks, feeds: ReturnType<typeof readSafetensors>) {
  const built = trainingModel(stacks, { method: FULL, dropout: { rate: 0, attention: false } });
  const values = initialParameters(stacks, built, FULL, 1);
  const weights = built.parameters.map(({ name, dims }) => [
    name,
    floats(values.get(name) ?? new Float32Array(0), dims),
  ]);
  const results = await runOnce(built.model.bytes, { ...feeds, ...Object.fromEntries(weights) });
  return results[built.logits].data;
}

describe('adapters that PEFT made', { timeout: 60_000 }, () => {
  it.each(Object.entries(STACKS))('%s: the logits are those of PEFT', async (family, open) => {
    const stacks = open();
    const sites = sitesOf(stacks);
    const read = (file: string) => new Uint8Array(readFileSync(`${folder}/adapters/${family}/${file}`));
    const files = { [ADAPTER_CONFIG]: read(ADAPTER_CONFIG), [ADAPTER_MODEL]: read(ADAPTER_MODEL) };
    const adapter = readAdapter(files, sites);
    expect(adapter.sites.length).toBeGreaterThan(5);
    const change = loraChange(stacks, adapter.sites, adapter, adapter.values);
    const changed = Object.fromEntries(
      stacksOf(stacks).map(([name, each]) => [
        name,
        { ...each, model: applyChange(each.model, change.get(name)) },
      ]),
    ) as unknown as TrainingStacks;
    const golden = readSafetensors(read('golden.safetensors'));
    expect(largestDifference(await logitsOf(changed, golden), golden['after'].data)).toBeLessThan(5e-5);
    expect(largestDifference(golden['after'].data, golden['before'].data)).toBeGreaterThan(1);
    // Ours for the same modules has the same tensors.
    const ours = writeAdapter(adapter.sites, adapter, adapter.values, { base: family, task: 'causal' });
    const [own, theirs] = [ours[ADAPTER_MODEL], files[ADAPTER_MODEL]].map((bytes) => readSafetensors(bytes));
    expect(Object.keys(own).sort()).toEqual(Object.keys(theirs).sort());
    for (const [name, { dims, data }] of Object.entries(theirs)) {
      expect(own[name].dims, name).toEqual(dims);
      expect(largestDifference(own[name].data, data), name).toBe(0);
    }
  });

  it('are refused when their modules differ in rank', () => {
    const config = { peft_type: 'LORA', r: 3, lora_alpha: 6, rank_pattern: { q_proj: 5 } };
    const files = {
      [ADAPTER_CONFIG]: new TextEncoder().encode(JSON.stringify(config)),
      [ADAPTER_MODEL]: new Uint8Array(0),
    };
    expect(() => readAdapter(files, [])).toThrow('differ in rank');
  });
});

describe('names of modules', () => {
  const site = (stackName: LoraSite['stack'], module: string) => ({ stack: stackName, module }) as LoraSite;
  const names = (...sites: LoraSite[]) => [...peftModules(sites).values()];

  it('have what stands before the stack, from the other stack or from the layers', () => {
    const q = 'layers.0.self_attn.q_proj';
    expect(names(site('encoder', q), site('decoder', `model.decoder.${q}`))).toEqual([
      `model.encoder.${q}`,
      `model.decoder.${q}`,
    ]);
    expect(names(site('encoder', q), site('decoder', q))).toEqual([
      `model.encoder.${q}`,
      `model.decoder.${q}`,
    ]);
    const block = 'block.0.layer.0.SelfAttention.q';
    expect(names(site('encoder', block), site('decoder', `decoder.${block}`))).toEqual([
      `encoder.${block}`,
      `decoder.${block}`,
    ]);
    expect(names(site('model', `bert.${q}`))).toEqual([`bert.${q}`]);
  });

  it('are found by their ends when one site alone has that end', () => {
    const [one, two] = [site('model', 'net.h.0.c_attn'), site('model', 'net.h.1.c_attn')];
    const modules = peftModules([one, two]);
    expect(findModule('transformer.net.h.0.c_attn', modules)).toBe(one);
    expect(findModule('h.1.c_attn', modules)).toBe(two);
    expect(findModule('c_attn', modules)).toBeUndefined();
    expect(findModule('h.2.c_attn', modules)).toBeUndefined();
  });
});
