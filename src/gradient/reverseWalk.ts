// The walk from the loss back through a graph: calls the rule of every node on the way and adds up what flows to each tensor.
import type { OnnxNode } from '../onnx/model';
import type { GradientGraph } from './gradientGraph';
import { operatorOf, type Contribution, type RuleCall } from './operatorRule';
import { MANY_RESULTS, RULES } from './ruleTable';
import { unsupportedNode } from './unsupported';

/** A part of a graph whose gradient is known as a whole, with fewer passes over memory than its nodes' rules have together. */
export interface Shortcut {
  /** The result of the part. */
  readonly output: string;
  /** What the gradient skips to; nothing flows from the part to other tensors. */
  readonly input: string;
  /** Writes the gradient of `input` from that of `output`. */
  readonly backward: (graph: GradientGraph, gradient: string) => string;
}

/** Visits the nodes from the loss backwards and collects what flows to every tensor. */
export class ReverseWalk {
  readonly #contributions = new Map<string, Contribution[]>();
  readonly #sums = new Map<string, string>();
  readonly #shortcuts: ReadonlyMap<string, Shortcut>;

  /** @param active Tensors that depend on those asked for. */
  constructor(
    private readonly graph: GradientGraph,
    private readonly active: ReadonlySet<string>,
    shortcuts: readonly Shortcut[],
  ) {
    this.#shortcuts = new Map(shortcuts.map((shortcut) => [shortcut.output, shortcut]));
  }

  from(loss: string): void {
    const rank = this.graph.facts.rank(loss);
    const one = rank === 0 ? this.graph.number(1) : this.graph.filled(this.graph.shape(loss), 1);
    this.#contribute(loss, one);
    for (const node of [...this.graph.facts.order].reverse()) {
      if (node.outputs.some((output) => this.active.has(output) && this.#contributions.has(output))) {
        this.#visit(node);
      }
    }
  }

  /** The sum of everything that flowed to a tensor. */
  gradientOf(tensor: string): string {
    const known = this.#sums.get(tensor);
    if (known !== undefined) {
      return known;
    }
    const all = this.#contributions.get(tensor) ?? [];
    const dense = all.filter((each): each is string => typeof each === 'string');
    const start = dense.length > 1 ? this.graph.op(dense.length === 2 ? 'Add' : 'Sum', dense) : dense.at(0);
    const sum = all.reduce<string | undefined>(
      (base, each) => (typeof each === 'string' ? base : each.into(base)),
      start,
    );
    const result = sum ?? this.graph.zerosLike(tensor);
    this.#sums.set(tensor, result);
    return result;
  }

  #visit(node: OnnxNode): void {
    const shortcut = this.#shortcuts.get(node.outputs[0]);
    if (shortcut) {
      this.#contribute(shortcut.input, shortcut.backward(this.graph, this.gradientOf(shortcut.output)));
      return;
    }
    const operator = operatorOf(node);
    const backward = RULES[operator](this.#call(node, operator));
    node.inputs.forEach((name, i) => {
      if (!this.active.has(name)) {
        return;
      }
      const write = backward[i];
      if (!write) {
        throw unsupportedNode(node, `Its input "${name}" is not among those that have a rule.`);
      }
      this.#contribute(name, write());
    });
  }

  #call(node: OnnxNode, operator: string): RuleCall {
    const gradients = node.outputs.map((output) =>
      this.#contributions.has(output) ? this.gradientOf(output) : undefined,
    );
    const [gradient] = gradients;
    const many = MANY_RESULTS.has(operator);
    if (!many && gradients.some((each, i) => i > 0 && each !== undefined)) {
      throw unsupportedNode(node, 'The loss depends on another than its first result.');
    }
    return { node, graph: this.graph, gradients, gradient: gradient ?? '' };
  }

  #contribute(tensor: string, contribution: Contribution): void {
    const all = this.#contributions.get(tensor);
    if (all) {
      all.push(contribution);
    } else {
      this.#contributions.set(tensor, [contribution]);
    }
  }
}
