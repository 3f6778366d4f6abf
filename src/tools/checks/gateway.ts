import { constants, existsSync } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EdgewrightError, formatBytes, reasonOf } from '../../common/core/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import type { Config } from '../../device/config/index.ts';
import { Driver, type EngineDeps, openEngine } from '../../device/runtime/index.ts';
import { conditionErrors, type PipelineModel, readModel } from '../../scoring/pipeline/index.ts';
import { openBundle, signersIn } from '../../scoring/registry/index.ts';
import { createSource, opensIn, recordingOf } from '../../scoring/sources/index.ts';
import { checkRows } from './rows.ts';
import { checkTls } from './tls.ts';
import { checkTrust } from './trust.ts';

/** Dependencies of checking a configuration. */
export type CheckDeps = EngineDeps;

/**
 * Checks what a configuration needs of the world: bundles that load and answer their golden cases, certificates, data,
 * disk. Changes nothing; every problem is in the list, with its place in the configuration.
 */
export async function checkGateway(config: Config, deps: CheckDeps): Promise<Problem[]> {
  const { trust, problems } = await checkTrust(config, deps.clock.now());
  const trusting = { ...config, trust };
  // Pipelines are checked one after the other: each has an engine of its own, and the gateway may be running beside.
  for (const [name, pipeline] of Object.entries(config.pipelines)) {
    problems.push(...(await checkPipeline(name, pipeline, trusting, deps)));
  }
  const tls = checkTls(config, deps.clock.now());
  return [...problems, ...tls, ...(await checkSources(config, deps)), ...(await checkDisk(config))];
}

async function checkPipeline(
  name: string,
  pipeline: Config['pipelines'][string],
  config: Config,
  deps: CheckDeps,
): Promise<Problem[]> {
  const path = `pipelines.${name}`;
  const problems = conditionErrors(pipeline).map((error) => toProblem(error, name));
  // The model is tried without conditions that are wrong, which are problems of their own.
  const rest = problems.length === 0 ? pipeline : { ...pipeline, when: undefined, alarms: {} };
  try {
    const signers = await signersIn(config.trust.root);
    const model = readModel(await openBundle(pipeline.model, signers && { signers }));
    problems.push(
      ...checkTags(path, model, config, name),
      ...checkUnits(model, config, name),
      ...checkRows(name, model, config),
    );
    const engine = await openEngine({ ...config, pipelines: { [name]: rest } }, deps);
    try {
      await engine.loadInto(new Driver({ record: () => {} }, deps.clock.monotonic));
    } finally {
      await engine.close();
    }
  } catch (error) {
    problems.push(toProblem(error, name));
  }
  return problems;
}

function toProblem(error: unknown, pipeline: string): Problem {
  if (!(error instanceof EdgewrightError)) throw error;
  const within = `pipelines.${pipeline}.${placeOf(error)}`;
  const { code, subject, hint, kind } = error;
  // The problem's path names the pipeline already.
  const message = subject === pipeline ? error.message.slice(`${subject}: `.length) : error.message;
  return { severity: 'error', path: within, code, message, hint, ...(kind.exit === 1 ? { exit: 1 as const } : {}) };
}

/** Finds the key of the pipeline that an error speaks of; a path inside the bundle's own files is in the message. */
function placeOf(error: EdgewrightError): string {
  const ofPipeline = error.code.startsWith('expression.') || error.code.startsWith('decision.');
  return ofPipeline && error.path !== undefined ? error.path : 'model';
}

/** Holds the tags that the configuration renames against those of the model. */
function checkTags(path: string, model: PipelineModel, config: Config, name: string): Problem[] {
  return Object.keys(config.pipelines[name]?.tags ?? {})
    .filter((tag) => !model.tags.includes(tag))
    .map((tag) => ({
      severity: 'error',
      path: `${path}.tags.${tag}`,
      code: 'pipeline.unknown-tag',
      message: `the model ${model.identity.name} has no tag ${tag}`,
      hint: `Its tags are ${model.tags.join(', ')}.`,
    }));
}

/** Holds the units that the configuration states against those that the model was trained in. */
function checkUnits(model: PipelineModel, config: Config, name: string): Problem[] {
  const renamed = config.pipelines[name]?.tags ?? {};
  return Object.entries(config.assets).flatMap(([asset, { tags }]) =>
    model.tags.flatMap((tag) => {
      const given = tags[renamed[tag] ?? tag]?.unit;
      const wanted = model.manifest.tags[tag]?.unit;
      if (given === undefined || given === wanted) return [];
      return [
        {
          severity: 'warning' as const,
          path: `assets.${asset}.tags.${renamed[tag] ?? tag}.unit`,
          code: 'pipeline.unit-differs',
          message: `is ${given}, the model ${model.identity.name} was trained in ${wanted}`,
          hint: 'Convert with scale and offset, then state the unit of the model.',
        },
      ];
    }),
  );
}

/** Checks sources: data that is not there yet is a warning, data that does not fit its description an error. */
async function checkSources(config: Config, deps: CheckDeps): Promise<Problem[]> {
  const checks = Object.entries(config.sources).map(async ([name, source]): Promise<Problem[]> => {
    if (!opensIn(source, 'run')) return [];
    try {
      await createSource(source, {
        name,
        ...deps,
        ...(config.uplink ? { broker: { url: config.uplink.url } } : {}),
      }).probe?.();
      return [];
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      const { code, message, hint, path = 'path' } = error;
      const recorded = recordingOf(source)?.path;
      const absent = recorded !== undefined && !existsSync(recorded);
      return [{ severity: absent ? 'warning' : 'error', path: `sources.${name}.${path}`, code, message, hint }];
    }
  });
  return (await Promise.all(checks)).flat();
}

async function checkDisk({ outbox, state }: Config): Promise<Problem[]> {
  const folders = { 'outbox.path': outbox.path, ...(state.path === undefined ? {} : { 'state.path': state.path }) };
  const checks = Object.entries(folders).map(([path, folder]) => checkFolder(path, folder));
  const problems = (await Promise.all(checks)).flat();
  return problems.length > 0 ? problems : checkSpace(outbox);
}

/** Checks that a folder can be written to, or, where it is missing, the one in which the gateway will make it. */
async function checkFolder(path: string, folder: string): Promise<Problem[]> {
  try {
    const existing = await existingParent(folder);
    if (!(await stat(existing)).isDirectory()) throw new Error(`${existing} is not a folder`);
    await access(existing, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    return [
      {
        severity: 'error',
        path,
        code: 'outbox.not-writable',
        message: reasonOf(error),
        hint: 'Give the user of the gateway a folder that it may write to.',
        exit: 1,
      },
    ];
  }
}

/** Warns where less disk is free than the outbox may take. */
async function checkSpace({ path, max }: Config['outbox']): Promise<Problem[]> {
  const folder = await existingParent(path);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= max) return [];
  return [
    {
      severity: 'warning',
      path: 'outbox.max',
      code: 'outbox.disk-small',
      message: `${formatBytes(free)} are free at ${folder}, outbox.max is ${formatBytes(max)}`,
      hint: 'Lower outbox.max or free space.',
    },
  ];
}

/** Finds the nearest folder on the way up that exists. */
async function existingParent(folder: string): Promise<string> {
  const found = await stat(folder).then(
    () => true,
    () => false,
  );
  return found || dirname(folder) === folder ? folder : existingParent(dirname(folder));
}
