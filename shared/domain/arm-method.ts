/** The methods of Azure Resource Manager. */
export const armMethods = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE'] as const;
export type ArmMethod = (typeof armMethods)[number];
