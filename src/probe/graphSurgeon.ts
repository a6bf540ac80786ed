// Puts calculations in the middle of a graph: whoever read a tensor then reads what was made of it, under the same name.
import type { GraphFacts } from '../anatomy/graphFacts';
import { value } from '../onnx/graphBuilder';
import { ElementType, type OnnxGraph, type OnnxNode, type ValueInfo } from '../onnx/model';
import type { NeutralControl } from './experiment';
import { NodeWriter } from './nodeWriter';

/** Collects edits of one graph; the graph itself is not changed. */
export class GraphSurgeon {
  readonly writer: NodeWriter;
  readonly neutral = new Map<string, NeutralControl>();
  private readonly inputs: ValueInfo[] = [];
  /** New names of what nodes of the graph, or of the writer, make. */
  private readonly renamed = new Map<string, string>();
  /** New names of what nodes of the graph read. */
  private readonly reread = new Map<string, string>();
  /** New names of single operands. */
  private readonly operands = new Map<OnnxNode, Map<number, string>>();
  private count = 0;

  constructor(
    private readonly facts: GraphFacts,
    /** Element type of the activations. */
    readonly floatType: number = ElementType.float32,
  ) {
    this.writer = new NodeWriter('experiment', floatType);
  }

  /**
   * Lets all readers of `tensor`, outputs of the graph included, read what `make` makes of it; `make` gets the name of the
   * tensor as it was and must produce the second name. Several interpositions on one tensor act one after the other.
   * Returns both names.
   */
  interpose(
    tensor: string,
    make: (own: string, result: string) => void,
  ): { readonly own: string; readonly result: string } {
    const fresh = `${tensor}/own.${this.count++}`;
    const maker = this.writer.nodes.findIndex(({ outputs }) => outputs.includes(tensor));
    if (maker >= 0) {
      const node = this.writer.nodes[maker];
      this.writer.nodes[maker] = {
        ...node,
        outputs: node.outputs.map((name) => (name === tensor ? fresh : name)),
      };
    } else if (this.facts.producer(tensor)) {
      this.renamed.set(tensor, fresh);
    } else {
      // An input or a constant keeps its name; its readers get another one.
      const own = this.reread.get(tensor) ?? tensor;
      this.reread.set(tensor, fresh);
      make(own, fresh);
      return { own, result: fresh };
    }
    make(fresh, tensor);
    return { own: fresh, result: tensor };
  }

  /** Lets one operand of one node of the graph be another tensor. */
  replaceOperand(node: OnnxNode, input: number, tensor: string): void {
    const own = this.operands.get(node) ?? new Map<number, string>();
    this.operands.set(node, own.set(input, tensor));
  }

  /** A new input of so many axes; floats come as float32 and are cast to the type of the activations. */
  control(
    name: string,
    { type, rank, value: neutral }: NeutralControl,
  ): { readonly input: string; readonly tensor: string } {
    const input = `control/${name}`;
    const elementType = type === 'bool' ? ElementType.bool : ElementType.float32;
    this.inputs.push(
      value(
        input,
        elementType,
        Array.from({ length: rank }, () => undefined),
      ),
    );
    this.neutral.set(input, { type, rank, value: neutral });
    const isNative = type === 'bool' || this.floatType === ElementType.float32;
    return { input, tensor: isNative ? input : this.writer.float(input) };
  }

  /** The graph with all edits; its nodes are not sorted. */
  finish(): OnnxGraph {
    const { graph } = this.facts.model;
    const nodes = graph.nodes.map((node) => this.changed(node));
    // What makes a tensor under its old name must not be called like the node that made it before.
    const added = this.writer.nodes.map((node, i) => ({ ...node, name: `experiment/node.${i}` }));
    return {
      ...graph,
      nodes: [...nodes, ...added],
      initializers: [...graph.initializers, ...this.writer.initializers],
      inputs: [...graph.inputs, ...this.inputs],
    };
  }

  private changed(node: OnnxNode): OnnxNode {
    const own = this.operands.get(node);
    const inputs = node.inputs.map((name, i) => own?.get(i) ?? this.reread.get(name) ?? name);
    const outputs = node.outputs.map((name) => this.renamed.get(name) ?? name);
    const same = (a: readonly string[], b: readonly string[]) => a.every((name, i) => name === b[i]);
    return same(inputs, node.inputs) && same(outputs, node.outputs) ? node : { ...node, inputs, outputs };
  }
}
