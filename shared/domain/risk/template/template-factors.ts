import type { RiskFactor, RiskLevel } from '../../assessment.ts';

/** One kind of factor: what it says to an approver, and what raises it. */
export type TemplateFactor = {
  readonly code: string;
  readonly level: RiskLevel;
  readonly detail: string;
  readonly raisedBy: string;
};

/** What templates add to the factors of the resources in them. */
export const templateFactors = [
  {
    code: 'templateUnresolved',
    level: 'critical',
    detail: 'What the template deploys, or where, can only be told by Azure when it runs.',
    raisedBy:
      'a type, name, scope, loop count, mode or nested template that depends on `reference`, `list…`, missing parameters or the like',
  },
  {
    code: 'templateValueUnresolved',
    level: 'high',
    detail: 'A value in the template can only be told by Azure when it runs.',
    raisedBy: 'a property of a resource that depends on `reference`, `list…`, missing parameters or the like',
  },
  {
    code: 'templateValueMayBeWorst',
    level: 'critical',
    detail: 'A value in the template can only be told by Azure when it runs, and with some values it would be critical.',
    raisedBy: 'a property that cannot be told, where one of the worst values would make the resource critical',
  },
  {
    code: 'templateLinked',
    level: 'critical',
    detail: 'It deploys a template that lies elsewhere and may be anything by the time it is fetched.',
    raisedBy: '`templateLink` (address, relative path, template spec), managed applications, blueprint assignments, lab environments',
  },
  {
    code: 'templateParametersLinked',
    level: 'critical',
    detail: 'It takes its parameters from elsewhere, where they may be anything by the time they are fetched.',
    raisedBy: '`parametersLink`',
  },
  {
    code: 'templateReadsVault',
    level: 'critical',
    detail: "It has Azure read a secret from a vault, with Countersign's rights, and use it in the template.",
    raisedBy: 'a parameter that refers to a Key Vault',
  },
  {
    code: 'templateRevealsSecrets',
    level: 'high',
    detail: 'Its outputs or modules hold a secret, which everybody who may read the deployment can see.',
    raisedBy:
      'an output, or a parameter of a nested template, that is not declared secure and is made of `list…`, a secure parameter or a Key Vault reference',
  },
  {
    code: 'templateLogsSecrets',
    level: 'high',
    detail: 'It has Azure keep requests or answers of the deployment, with the secrets in them.',
    raisedBy: '`debugSetting`',
  },
  {
    code: 'templateRollsBack',
    level: 'high',
    detail: 'If it fails, Azure runs an earlier deployment again, which cannot be seen from here.',
    raisedBy: '`onErrorDeployment`',
  },
  {
    code: 'templateNotUnderstood',
    level: 'critical',
    detail: 'It carries something that is no template that can be read in exactly one way.',
    raisedBy: 'no template at all, an unknown language version, names that differ in case only, text that is no strict JSON',
  },
  {
    code: 'templateTooLarge',
    level: 'critical',
    detail: 'The template is too large, too deep or too laborious to be judged as a whole.',
    raisedBy: 'over 800 resources, 800 copies, 4 MiB expanded, 10 nested templates, or too many steps of evaluation',
  },
  {
    code: 'templateOtherApi',
    level: 'critical',
    detail: 'It deploys through an extension to something that is not Azure Resource Manager.',
    raisedBy: 'a resource with `import` or `extension`, such as Microsoft Graph or Kubernetes',
  },
  {
    code: 'templateReachesOut',
    level: 'high',
    detail: 'A template within it deploys to another scope than its own.',
    raisedBy: 'a nested deployment with `scope`, `subscriptionId` or `resourceGroup` of its own',
  },
  {
    code: 'deletesWhatIsLeftOut',
    level: 'high',
    detail: 'Whatever the template does not name is deleted.',
    raisedBy: 'complete mode; a deployment stack that deletes what it no longer manages',
  },
  {
    code: 'deletesUnseen',
    level: 'critical',
    detail: 'Whatever the template does not name is deleted, and what that is could not be seen.',
    raisedBy: 'complete mode or a stack, where the list of what is there could not be read, or whole groups go',
  },
  {
    code: 'deniesOthers',
    level: 'critical',
    detail: 'It keeps others from changing or deleting the resources, or lets them again.',
    raisedBy: '`denySettings` of a deployment stack, unless they are off and stay so; the deletion of a stack',
  },
  {
    code: 'ignoresDrift',
    level: 'high',
    detail: 'It goes on although the stack no longer knows for certain what it manages.',
    raisedBy: '`bypassStackOutOfSyncError`',
  },
  {
    code: 'storesTemplate',
    level: 'high',
    detail: 'It stores a template that others may deploy with their own rights.',
    raisedBy: 'template specs and their versions, definitions of managed applications, blueprints',
  },
] as const satisfies readonly TemplateFactor[];

const byCode: ReadonlyMap<string, TemplateFactor> = new Map(templateFactors.map((factor) => [factor.code, factor]));

export type TemplateFactorCode = (typeof templateFactors)[number]['code'];

const longestEvidence = 300;

/** The factors of one inspection: equal ones are told once, with how many there are. */
export type FactorList = {
  readonly add: (code: TemplateFactorCode, evidence: string) => void;
  /** Factors of a resource, told with where it is. */
  readonly addAll: (factors: readonly RiskFactor[], where: string) => void;
  readonly all: () => readonly RiskFactor[];
};

export function makeFactorList(): FactorList {
  const entries = new Map<string, { readonly factor: RiskFactor; count: number }>();
  const put = (factor: RiskFactor) => {
    const key = `${factor.code} ${factor.level}`;
    const known = entries.get(key);
    if (known === undefined) entries.set(key, { factor, count: 1 });
    else known.count += 1;
  };
  return {
    add: (code, evidence) => {
      const known = byCode.get(code);
      if (known === undefined) throw new Error(`no factor of templates is called ${code}`);
      put({ code, level: known.level, detail: known.detail, evidence: evidence.slice(0, longestEvidence) });
    },
    addAll: (factors, where) => {
      for (const factor of factors) {
        put({ ...factor, evidence: (factor.evidence === undefined ? where : `${where}: ${factor.evidence}`).slice(0, longestEvidence) });
      }
    },
    all: () =>
      [...entries.values()].map(({ factor, count }) =>
        count === 1 ? factor : { ...factor, evidence: `${factor.evidence} (and ${count - 1} more)` },
      ),
  };
}
