import { actionOf } from '../../shared/domain/action.ts';
import { ArmRequestError, parseArmRequest } from '../../shared/domain/arm-request.ts';
import { type Environment, type RiskLevel, riskRank, type TargetFacts } from '../../shared/domain/assessment.ts';
import { instant } from '../../shared/domain/instant.ts';
import { assess } from '../../shared/domain/risk/assess.ts';
import type { ScriptReader } from '../../shared/domain/risk/scripts/script-reader.ts';

/** A table of actions: `Microsoft.Storage/storageAccounts/listKeys` and which of its outputs Azure marks as sensitive. */
export type ActionTable = Readonly<Record<string, { readonly sensitiveOutputs: readonly string[] }>>;

export type RuleMeasure = {
  readonly actions: number;
  /** Actions whose path is refused, so that they never run. */
  readonly refused: readonly string[];
  /** Actions that reveal a secret, as the table tells; `high` of them are high or critical, `named` of them carry the factor that says so. */
  readonly revealing: { readonly all: number; readonly high: number; readonly named: number; readonly missed: readonly string[] };
  /** Actions that only read; `above` are those that are above medium, in production. */
  readonly reading: { readonly all: number; readonly low: number; readonly above: readonly string[] };
  readonly levels: Readonly<Record<RiskLevel, number>>;
};

/** An output that is an echo of the resource itself is no reason to call the action revealing. */
const echo = /^(?:properties|value\[\])(?:$|[.[])/;

/** Words for secrets in the name of an action, told apart from the rules on purpose: this is the yardstick, they are what is measured. */
const secretWords =
  /key(?!word|space)|secret|credential|password|passphrase|token|connectionstring|connectioninfo|kubeconfig|appsettings|publishxml|callback|ur[il]s?$|(?:^|[a-z])(?<!di)sas(?!sess)|access$|accesscode|activationcode|rdpfile|license/;

/** Names that hand a secret out, and not in. */
const handingOut =
  /^(?:list|get|generate|regenerate|rotate|create|fetch|retrieve|export|read|keys|sharedkeys|readonlykeys|token|accesstoken)/;
const reading = /^(?:check|validate|get|list|query)/;

/** `…/config/list` answers with app settings and connection strings, `…/backups/list` with a SAS address; their names say `list` and nothing else. */
const bareLists = /^microsoft\.web\/sites\/(?:slots\/)?(?:config|backups)\/list$/;

export type ActionKind = 'revealing' | 'reading' | 'other';

/** What an action is by the table: by its sensitive outputs, else by its name. */
export function kindOf(action: string, sensitiveOutputs: readonly string[]): ActionKind {
  const lower = action.toLowerCase();
  const [verb = '', ...holders] = lower.split('/').reverse().slice(0, 3);
  if (sensitiveOutputs.some((path) => !echo.test(path)) || bareLists.test(lower)) return 'revealing';
  const said = /^list(?:_?values?)?$/.test(verb) ? `list${holders.join('')}` : verb;
  if (secretWords.test(said)) return handingOut.test(said) ? 'revealing' : 'other';
  return reading.test(verb) ? 'reading' : 'other';
}

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';

function factsIn(environment: Environment): TargetFacts {
  const tags = { environment: environment === 'production' ? 'prod' : 'dev' };
  return { existence: 'present', scopes: [{ scope: subscription, tags }], readAt: instant('2026-01-01T00:00:00.000Z') };
}

/** Judges every action of a table as a POST to some resource of its type. Reading is measured in production, revealing outside it: each where it is harder. */
export function measureRules(table: ActionTable, scripts: ScriptReader): RuleMeasure {
  const judged = Object.entries(table).map(([action, { sensitiveOutputs }]) => ({
    action,
    kind: kindOf(action, sensitiveOutputs),
    production: judge(action, 'production', scripts),
    elsewhere: judge(action, 'nonProduction', scripts),
  }));
  const accepted = judged.flatMap(({ action, kind, production, elsewhere }) =>
    production === undefined || elsewhere === undefined ? [] : [{ action, kind, production, elsewhere }],
  );
  const revealing = accepted.filter(({ kind }) => kind === 'revealing');
  const read = accepted.filter(({ kind }) => kind === 'reading');
  const isHigh = ({ level }: Judged) => riskRank(level) >= riskRank('high');
  const levels = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const { elsewhere } of accepted) levels[elsewhere.level] += 1;
  return {
    actions: judged.length,
    refused: judged.filter(({ production }) => production === undefined).map(({ action }) => action),
    revealing: {
      all: revealing.length,
      high: revealing.filter(({ elsewhere }) => isHigh(elsewhere)).length,
      named: revealing.filter(({ elsewhere }) => elsewhere.codes.includes('revealsSecrets')).length,
      missed: revealing.filter(({ elsewhere }) => !isHigh(elsewhere)).map(({ action, elsewhere }) => `${action} (${elsewhere.level})`),
    },
    reading: {
      all: read.length,
      low: read.filter(({ production }) => production.level === 'low').length,
      above: read
        .filter(({ production }) => isHigh(production))
        .map(({ action, production }) => `${action} (${production.codes.join(', ')})`),
    },
    levels,
  };
}

type Judged = { readonly level: RiskLevel; readonly codes: readonly string[] };

function judge(action: string, environment: Environment, scripts: ScriptReader): Judged | undefined {
  try {
    const parsed = parseArmRequest({ method: 'POST', path: pathOf(action), apiVersion: '2024-01-01', query: {}, headers: {}, body: {} });
    const { level, factors } = assess(parsed.request, parsed.path, actionOf('POST', parsed.path), factsIn(environment), scripts);
    return { level, codes: factors.map(({ code }) => code) };
  } catch (error) {
    if (error instanceof ArmRequestError) return undefined;
    throw error;
  }
}

function pathOf(action: string): string {
  const [namespace = '', ...types] = action.split('/');
  const verb = types.pop() ?? '';
  return `${subscription}/resourceGroups/rg/providers/${namespace}/${types.map((type) => `${type}/some/`).join('')}${verb}`;
}
