/** What is asked for, and how people and agents behave around it. */
export const kinds = [
  'read',
  'put',
  'putInProduction',
  'delete',
  'deleteMachine',
  'restartMachine',
  'runCommand',
  'rejected',
  'unanswered',
  'cancelled',
  'denied',
  'setSecret',
  'deleteSecret',
  'recoverSecret',
  'revealSecret',
  'useSecret',
] as const;
export type Kind = (typeof kinds)[number];
