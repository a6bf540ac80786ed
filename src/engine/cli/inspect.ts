// The verb `inspect`: what was found in the graphs of a model, without running them.
import { inspectReport, type InspectReport } from '../../anatomy/inspectReport';
import { readModelFolder } from '../../models/modelFolder';
import type { ReadGraph } from '../prepareGraph';
import { readGraph } from '../prepareGraph';
import { readModelFiles } from './readModelFiles';

/** @param tell Receives what the reader of the report should know besides. */
export function inspectCommand(place: string, tell: (message: string) => void): InspectReport {
  const { files, note } = readModelFiles(place);
  if (note !== undefined) {
    tell(note);
  }
  const { graphs } = readModelFolder(files);
  const read: ReadGraph[] = ('model' in graphs ? [graphs.model] : [graphs.encoder, graphs.decoder]).map(
    readGraph,
  );
  return inspectReport(read.map(({ anatomy }) => anatomy));
}
