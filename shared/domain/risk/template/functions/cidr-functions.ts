import type { TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import { integerAt, ofExact, textAt } from './arguments.ts';

/** Functions over IPv4 networks; what they say of IPv6 is unknown here. Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-cidr. */
export const cidrFunctions: Readonly<Record<string, TemplateFunction>> = {
  parsecidr: ofExact((given) => {
    const { network, prefix } = networkOf(textAt(given, 0));
    const last = network + 2 ** (32 - prefix) - 1;
    const [firstUsable, lastUsable] = prefix >= 31 ? [network, last] : [network + 1, last - 1];
    return {
      network: addressText(network),
      netmask: addressText(2 ** 32 - 2 ** (32 - prefix)),
      broadcast: addressText(last),
      firstUsable: addressText(firstUsable),
      lastUsable: addressText(lastUsable),
      cidr: prefix,
    };
  }),
  cidrsubnet: ofExact((given) => {
    const { network, prefix } = networkOf(textAt(given, 0));
    const [length, index] = [integerAt(given, 1), integerAt(given, 2)];
    const size = 2 ** (32 - length);
    if (length < prefix || length > 32 || index < 0 || (index + 1) * size > 2 ** (32 - prefix)) {
      throw new EvaluationFault('the network has no such part');
    }
    return `${addressText(network + index * size)}/${length}`;
  }),
  cidrhost: ofExact((given) => {
    const { network, prefix } = networkOf(textAt(given, 0));
    const index = integerAt(given, 1);
    if (index < 0 || index + 1 >= 2 ** (32 - prefix)) throw new EvaluationFault('the network has no such address');
    return addressText(network + 1 + index);
  }),
};

function networkOf(text: string): { readonly network: number; readonly prefix: number } {
  const [, address = '', length = ''] = /^((?:\d{1,3}\.){3}\d{1,3})\/(\d{1,2})$/.exec(text) ?? [];
  const octets = address.split('.').map(Number);
  const prefix = Number(length);
  if (length === '' || prefix > 32 || octets.some((octet) => octet > 255)) throw new EvaluationFault('an IPv4 network is expected');
  const whole = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { network: whole - (whole % 2 ** (32 - prefix)), prefix };
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
