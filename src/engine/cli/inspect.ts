// The verb `inspect`: what was found in the graphs of a model, without running them.
import { inspectReport, type InspectReport } from '../../anatomy/inspectReport';
import { readModelFolder } from '../../models/modelFolder';
import type { ReadGraph } from '../prepareGraph';
import { readGraph } from '../prepareGraph';
import { readModelFiles } from './readModelFiles';

export function inspectCommand(place: string): InspectReport {
  const { graphs } = readModelFolder(readModelFiles(place).files);
  const read: ReadGraph[] = ('model' in graphs ? [graphs.model] : [graphs.encoder, graphs.decoder]).map(
    readGraph,
  );
  return inspectReport(read.map(({ anatomy }) => anatomy));
}
