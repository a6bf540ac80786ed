// What is to be seen of a training at one moment, and what follows from it.
import * as vscode from 'vscode';
import type { TrainingPoint, TrainingUpdate } from '../../shared/training';
import type { TrainingState } from '../../shared/trainingPage';
import type { TunedManifest } from './tunedManifest';
import { stepOf } from './tunedManifest';

/**
 * `ended`: stopped before anything was learned; nothing is stored any more.
 * `cancelled`: given up by the user; what was saved before stays, and is not put to use.
 */
export type SessionStatus =
  | Extract<TrainingState['status'], 'starting' | 'running' | 'paused' | 'done' | 'failed'>
  | 'ended'
  | 'cancelled';

export interface SessionLook {
  readonly status: SessionStatus;
  readonly step: number;
  readonly points: readonly TrainingPoint[];
  readonly tokensPerSecond: number;
  /** 0 while unknown. */
  readonly millisecondsPerStep: number;
  /** Weights that change; 0 before it is known. */
  readonly trainable: number;
  /** Whether it is being measured what training has changed. */
  readonly measuring: boolean;
  readonly error: unknown;
  readonly note: string | undefined;
  /** What is being done before the first step. */
  readonly preparing: string | undefined;
}

/** A training as it is stored, before anything was done with it. */
export function lookOf(stored: TunedManifest): SessionLook {
  return {
    status: stored.finished ? 'done' : 'paused',
    step: stepOf(stored),
    points: stored.points,
    tokensPerSecond: 0,
    millisecondsPerStep: 0,
    trainable: 0,
    measuring: false,
    error: undefined,
    note: undefined,
    preparing: undefined,
  };
}

/** With further points; those that are told again are replaced. */
export function followed(look: SessionLook, { points, ...speed }: TrainingUpdate): SessionLook {
  const first = points.at(0)?.step ?? Infinity;
  const all = [...look.points.filter(({ step }) => step < first), ...points];
  return { ...look, ...speed, points: all, step: all.at(-1)?.step ?? look.step };
}

/** Milliseconds left of `steps`; undefined while unknown. */
export function timeLeft(
  { status, step, millisecondsPerStep }: SessionLook,
  steps: number,
): number | undefined {
  return status === 'running' && millisecondsPerStep > 0 ? millisecondsPerStep * (steps - step) : undefined;
}

/** Losses that differ by less are alike. */
const CLEARLY = 0.99;

/** Says where the held-out loss was clearly lower than in the end. */
export function bestBefore(points: readonly TrainingPoint[]): string | undefined {
  const measured = points.flatMap(({ step, heldOut }) => (heldOut === undefined ? [] : [{ step, heldOut }]));
  const last = measured.at(-1);
  const best = measured.reduce((low, each) => (each.heldOut < low.heldOut ? each : low), {
    step: 0,
    heldOut: Infinity,
  });
  return last && best.heldOut < CLEARLY * last.heldOut
    ? vscode.l10n.t(
        'The held-out loss was lowest at step {0}: {1}. Fewer steps may teach more.',
        best.step,
        best.heldOut.toFixed(3),
      )
    : undefined;
}
