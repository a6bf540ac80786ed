// From the bytes of an ONNX file to a graph with every tap declared: read, unfold branches, expand 16-bit weights, find, tap.
import { findAnatomy } from '../anatomy/findAnatomy';
import type { Anatomy } from '../anatomy/anatomy';
import type { GraphFile } from '../models/modelFolder';
import { editModel } from '../onnx/editModel';
import { expandHalf } from '../onnx/expandHalf';
import { externalFiles } from '../onnx/externalFiles';
import { dropUnused } from '../onnx/graphEdits';
import { ifNodes, liftBranch } from '../onnx/liftBranch';
import type { OnnxModel } from '../onnx/model';
import { readModel } from '../onnx/readModel';
import { floatsOf } from '../onnx/tensorValues';
import type { Probed } from '../probe/probe';
import { probe } from '../probe/probeModel';
import type { ExternalData } from '../runtime/runtime';
import { UserError } from '../shared/errors';
import type { Matrix } from '../shared/tensor';
import type { Weight } from './modelWeights';
import { applyChange } from '../training/changedWeights';
import type { ChangedFile } from './changedFile';
import { modelWeights } from './modelWeights';
import type { WeightSizes } from './weightSizes';
import { weightSizes } from './weightSizes';

/** A graph that was read and understood. */
export interface ReadGraph {
  readonly model: OnnxModel;
  readonly anatomy: Anatomy;
}

/** A graph that is ready to become a session; holds no view on the file it came from. */
export interface PreparedGraph {
  readonly anatomy: Anatomy;
  readonly probed: Probed;
  /** Table of sinusoidal or learned positions, where it is a constant. */
  readonly positionTable: Matrix | undefined;
  readonly externalData: readonly ExternalData[];
  readonly weights: WeightSizes;
  /** Copies of the weights that views compute with. */
  readonly shownWeights: ReadonlyMap<string, Weight>;
  /** Nodes that must not run on WebGPU, see `SessionOptions`. */
  readonly cpuNodes: readonly string[];
}

/** @throws UserError `modelCorrupt`, `modelMissing` (external data) or `modelTooLarge`, naming the file. */
export function readGraph({ path, bytes, beside, changed }: ChangedFile): ReadGraph {
  try {
    const files = new Map(Object.entries(beside));
    const model = applyChange(expandHalf(withoutBranches(readModel(bytes, files))), changed);
    for (const { location } of externalFiles(model)) {
      if (!files.has(location)) {
        const message = `The weights file "${location}" is missing. Put it next to the ONNX file.`;
        throw new UserError('modelMissing', message, { file: location });
      }
    }
    return { model, anatomy: findAnatomy(model) };
  } catch (error) {
    throw error instanceof UserError
      ? new UserError(
          error.code,
          `${path}: ${error.message}`,
          { ...error.details, file: path },
          { cause: error },
        )
      : error;
  }
}

/** Declares the taps and copies what will be needed of the weights. */
export function prepareGraph({ model, anatomy }: ReadGraph, { beside }: GraphFile): PreparedGraph {
  const externalData = externalFiles(model).flatMap(({ location }) => {
    const data = beside[location];
    return data ? [{ path: location, data }] : [];
  });
  return {
    anatomy,
    probed: probe(model, anatomy),
    positionTable: positionTable(model, anatomy),
    externalData,
    weights: weightSizes(model),
    shownWeights: modelWeights(model, anatomy),
    cpuNodes: model.graph.nodes.flatMap(({ opType, name }) =>
      opType === 'Shape' && name !== '' ? [name] : [],
    ),
  };
}

/**
 * Merged decoders choose between a branch with and one without a cache. Attention is looked for in the main graph, so
 * the branch without cache takes the place of its If; such a model decodes by reading everything again.
 */
function withoutBranches(model: OnnxModel): OnnxModel {
  const flags = new Set(model.graph.inputs.map(({ name }) => name));
  const choices = ifNodes(model.graph).filter(
    ({ inputs: [condition] }) => condition !== undefined && flags.has(condition),
  );
  if (choices.length === 0) {
    return model;
  }
  const lifted = choices.map((node) => liftBranch(node, 'else_branch'));
  return editModel(model, [...lifted, dropUnused({ inputs: true })]);
}

function positionTable({ graph }: OnnxModel, { positions }: Anatomy): Matrix | undefined {
  const weight = positions.constant
    ? graph.initializers.find(({ name }) => name === positions.tensor)
    : undefined;
  if (!weight?.raw) {
    return undefined;
  }
  const columns = positions.dimensions;
  const start = positions.offset * columns;
  return {
    rows: positions.positions,
    columns,
    data: floatsOf(weight).slice(start, start + positions.positions * columns),
  };
}
