import type { ArmRequest } from '../../domain/arm-request.ts';

/** Origin of Azure Resource Manager, as `https://management.azure.com`. Throws RangeError for anything but https without path, query or credentials. */
export function armOrigin(endpoint: string): string {
  const url = URL.parse(endpoint);
  const bare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!bare || url.protocol !== 'https:') throw new RangeError(`not an https origin of Azure Resource Manager: ${endpoint}`);
  return url.origin;
}

/** Address of a canonical path. Names and values of the query are escaped except for the `$` of OData options, as Azure's own clients do. */
export function armAddress(origin: string, { path, apiVersion, query }: Pick<ArmRequest, 'path' | 'apiVersion' | 'query'>): string {
  const parameters = Object.entries({ 'api-version': apiVersion, ...query });
  return `${origin}${path}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/** Whether an address that Azure gave leads to Azure Resource Manager itself: our token goes nowhere else. */
export function isSameHost(origin: string, address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.origin === origin && url.username === '' && url.password === '' && address.length <= 8192;
}
