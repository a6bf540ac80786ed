// The sessions of a training whose parameters stay on the device, and the parameters that run on them.
import { nameShapeNodes } from '../../onnx/nameShapeNodes';
import type { OnnxModel } from '../../onnx/model';
import type { Backend, Runtime, Session } from '../../runtime/runtime';
import type { AdamWOptions } from '../../training/adamW';
import type { ParameterState } from '../../training/checkpoint';
import { DeviceParameters } from '../../training/deviceParameters';
import type { GradientModel } from '../../training/lossGraphs';
import type { TrainedParameters } from '../../training/parameters';
import type { Parameter } from '../../training/trainingStack';
import { additionModel, additionOutputs, updateModel, updateOutputs } from '../../training/updateGraph';

export interface DeviceGraphs {
  readonly gradient: GradientModel;
  readonly evaluation: OnnxModel;
  readonly parameters: readonly Parameter[];
  readonly optimiser: AdamWOptions;
}

export class DeviceRuns {
  private held: DeviceParameters | undefined;
  private addition: Session | undefined;

  private constructor(
    private readonly runtime: Runtime,
    private readonly backend: Backend,
    private readonly graphs: DeviceGraphs,
    private readonly sessions: Readonly<Record<'gradients' | 'evaluate' | 'update', Session>>,
  ) {}

  /** @throws UserError as `Runtime.createSession`; nothing stays open then. */
  static async open(runtime: Runtime, backend: Backend, graphs: DeviceGraphs): Promise<DeviceRuns> {
    const { gradient, evaluation, parameters, optimiser } = graphs;
    const opened: Session[] = [];
    const open = async (model: OnnxModel, resident: readonly string[]): Promise<Session> => {
      const session = await openOn(runtime, backend, model, resident);
      opened.push(session);
      return session;
    };
    try {
      return new DeviceRuns(runtime, backend, graphs, {
        gradients: await open(gradient.model, [...gradient.gradients.values()]),
        evaluate: await open(evaluation, []),
        update: await open(updateModel(parameters, optimiser), updateOutputs(parameters)),
      });
    } catch (error) {
      await Promise.all(opened.map((session) => session.release()));
      throw error;
    }
  }

  /** The parameters of the one training that uses these sessions. */
  readonly parameters = (state: ReadonlyMap<string, ParameterState>): TrainedParameters => {
    const { gradients, evaluate, update } = this.sessions;
    this.held = new DeviceParameters({
      parameters: this.graphs.parameters,
      state,
      gradientOutputs: this.graphs.gradient.gradients,
      gradients: gradients.runResident,
      evaluate: evaluate.runResident,
      update: update.runResident,
      addition: async () => (await this.openAddition()).runResident,
    });
    return this.held;
  };

  async release(): Promise<void> {
    this.held?.dispose();
    const all = [...Object.values(this.sessions), ...(this.addition ? [this.addition] : [])];
    await Promise.all(all.map((session) => session.release()));
  }

  private async openAddition(): Promise<Session> {
    const { parameters } = this.graphs;
    this.addition ??= await openOn(
      this.runtime,
      this.backend,
      additionModel(parameters),
      additionOutputs(parameters),
    );
    return this.addition;
  }
}

function openOn(
  runtime: Runtime,
  backend: Backend,
  model: OnnxModel,
  resident: readonly string[],
): Promise<Session> {
  const { bytes, shapeNodes } = nameShapeNodes(model);
  return runtime.createSession(bytes, { backend, resident, cpuNodes: shapeNodes });
}
