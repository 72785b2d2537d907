import type { Known } from './places.ts';

/** Verbs of actions that hand something out, and nouns that are handed out only to be used as secrets. */
const revealing =
  /\/(?:(?:list|get|fetch|retrieve|generate|regenerate|rotate|renew|reset|refresh|create|new|show|reveal|export|begin|set)[a-z]*?)?(?:keys?|secrets?|credentials?|tokens?|passwords?|passphrase|connectionstrings?|sas|sasurl|sasuri|kubeconfig|accesscode|activationcode|invitecode|verificationcode|authcode|bootstrapdata|callbackurl|callbackconfig|publishxml|getaccess|oauthinfo|authinfo|connectioninfo|dataplaneaccess|shareablelinks?|securitypin|listconfigurationsecrets|keypair|generatecertificate)\/action$/;
const harmless = /\/(?:list|get)(?:keyvault|public|cryptokey|encryption)[a-z]*keys?\/action$/;
const settings =
  /\/(?:config|appsettings|connectionstrings|settings)(?:\/[a-z]+)?\/list\/action$|\/(?:listkeyvalue|listappsettings|listsitemetadata)\/action$/;

/** Whether the answer of an action is nothing but secrets and what names them. Source: the POST actions of Azure's providers, by their naming. */
export function listsSecrets(action: string | undefined): boolean {
  if (action === undefined) return false;
  const plain = action.toLowerCase();
  return settings.test(plain) || (revealing.test(plain) && !harmless.test(plain));
}

/** The resource that a call is about: its type by the action, its name by the path. */
export function resourceOf(call: { readonly action: string; readonly path?: string }): Known {
  const parts = call.action.split('/');
  const type = parts.slice(0, parts.at(-1)?.toLowerCase() === 'action' && parts.length > 3 ? -2 : -1).join('/');
  const name = call.path
    ?.split(/[?#]/)[0]
    ?.split('/')
    .findLast((part) => part !== '');
  return { type, ...(name === undefined ? {} : { name }) };
}
