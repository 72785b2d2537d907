/**
 * Raised while a template is unpacked, and turned into a factor before it leaves this folder.
 * `tooLarge`: over one of the limits. `notUnderstood`: not the shape of a template, or one that can be read in two ways.
 */
export class TemplateFault extends Error {
  readonly code: 'tooLarge' | 'notUnderstood';
  constructor(code: TemplateFault['code'], message: string) {
    super(message);
    this.name = 'TemplateFault';
    this.code = code;
  }
}

/** Raised where an expression cannot be evaluated, whether Azure could or not; its value is then unknown. */
export class EvaluationFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EvaluationFault';
  }
}
