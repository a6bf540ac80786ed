// The sessions of a training whose parameters stay on the device, and the parameters that run on them.
import { nameShapeNodes } from '../../onnx/nameShapeNodes';
import type { OnnxModel } from '../../onnx/model';
import type { Backend, Runtime, Session } from '../../runtime/runtime';
import type { AdamWOptions } from '../../training/adamW';
import type { ParameterState } from '../../training/checkpoint';
import type { DeviceParametersSetup } from '../../training/deviceParameters';
import { DeviceParameters } from '../../training/deviceParameters';
import type { GradientModel } from '../../training/lossGraphs';
import type { TrainedParameters } from '../../training/parameters';
import type { Parameter } from '../../training/trainingStack';
import type { LazySession } from './lazySession';
import { lazySession } from './lazySession';
import { additionModel, additionOutputs, updateModel, updateOutputs } from '../../training/updateGraph';

export interface DeviceGraphs {
  readonly gradient: GradientModel;
  /** Made when something is measured. */
  readonly evaluation: () => OnnxModel;
  readonly parameters: readonly Parameter[];
  readonly optimiser: AdamWOptions;
}

export class DeviceRuns {
  private held: DeviceParameters | undefined;

  private constructor(
    private readonly about: Pick<DeviceParametersSetup, 'parameters' | 'gradientOutputs'>,
    private readonly sessions: Readonly<Record<'gradients' | 'update', Session>>,
    private readonly later: Readonly<Record<'evaluate' | 'addition', LazySession>>,
  ) {}

  /** @throws UserError as `Runtime.createSession`; nothing stays open then. */
  static async open(runtime: Runtime, backend: Backend, graphs: DeviceGraphs): Promise<DeviceRuns> {
    const { gradient, evaluation, parameters, optimiser } = graphs;
    const open = (model: OnnxModel, resident: readonly string[]): Promise<Session> => {
      const { bytes, shapeNodes } = nameShapeNodes(model);
      return runtime.createSession(bytes, { backend, resident, cpuNodes: shapeNodes });
    };
    const gradients = await open(gradient.model, [...gradient.gradients.values()]);
    try {
      const update = await open(updateModel(parameters, optimiser), updateOutputs(parameters));
      const later = {
        evaluate: lazySession(() => open(evaluation(), [])),
        addition: lazySession(() => open(additionModel(parameters), additionOutputs(parameters))),
      };
      const about = { parameters, gradientOutputs: gradient.gradients };
      return new DeviceRuns(about, { gradients, update }, later);
    } catch (error) {
      await gradients.release();
      throw error;
    }
  }

  /** The parameters of the one training that uses these sessions. */
  readonly parameters = (state: ReadonlyMap<string, ParameterState>): TrainedParameters => {
    const { evaluate, addition } = this.later;
    this.held = new DeviceParameters({
      ...this.about,
      state,
      gradients: this.sessions.gradients.runResident,
      update: this.sessions.update.runResident,
      evaluate: async (...run) => (await evaluate.open()).runResident(...run),
      addition: async (...run) => (await addition.open()).runResident(...run),
    });
    return this.held;
  };

  async release(): Promise<void> {
    this.held?.dispose();
    await Promise.all(
      [...Object.values(this.sessions), ...Object.values(this.later)].map((each) => each.release()),
    );
  }
}
