import { unknownMark } from './values.ts';

/** Files that hold credentials, secrets or tokens. */
const credentialPath =
  /\/etc\/g?shadow|\/\.ssh\/(?:id_|[^/\s]*\.pem)|[/~\\]\.azure(?:[/\\]|$)|msal_token_cache|accesstokens\.json|\.kube[/\\]config|\/etc\/kubernetes\/(?:admin\.conf|pki|azure\.json)|\/var\/lib\/kubelet\/(?:pki|kubeconfig)|\/run\/secrets(?:\/|$)|\.aws\/credentials|\.docker\/config\.json|\/\.netrc|\.pgpass|\.git-credentials|\/proc\/[^/\s]*\/(?:environ|mem)|\/var\/lib\/waagent\/[^\s]*(?:\.prv|\.p7m|\.pem|ovf-env|sharedconfig|settings)|krb5\.keytab|krb5cc_|ntds\.dit|[/\\]config[/\\](?:sam|security|system)(?:$|[\s'"])|\blsass\b|[/\\]microsoft[/\\](?:credentials|protect|vault)(?:[/\\]|$)|tokencache\.dat|azurermcontext\.json|[/\\]\.azure[/\\]|unattend\.xml|applicationhost\.config|\/etc\/ssl\/private|\.gnupg|hk(?:lm|ey_local_machine):?[/\\](?:sam|security)(?:$|[\s/\\'"])|\.mozilla\/firefox|login data$|\.rdp$|\/\.config\/gh\/|\/etc\/salt\/pki|\.terraform\.d\/credentials|consolehost_history|\.bash_history|\.config\/gcloud/i;

export function isCredentialPath(text: string): boolean {
  return credentialPath.test(text);
}

/** Places from which something runs later or somebody is let in, when a script writes there. */
const persistencePath =
  /\/etc\/(?:cron|anacrontab|at\.allow|systemd\/|init\.d\/|rc\.local|rc\d?\.d\/|passwd|shadow|gshadow|group|sudoers|pam\.d|profile|bash\.bashrc|bashrc|zsh|ld\.so\.preload|ld\.so\.conf|ssh\/sshd_config|udev\/rules\.d|xdg\/autostart|update-motd\.d|modules-load\.d|logrotate\.d|apt\/apt\.conf\.d|security\/|inittab|nsswitch\.conf)|\/var\/spool\/(?:cron|at)|\/(?:usr\/)?lib\/systemd\/|\/\.config\/(?:systemd|autostart)|authorized_keys|[/~]\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|ssh\/(?:config|rc|environment))|\.git\/hooks\/|\/etc\/kubernetes\/manifests|[/\\]start ?menu[/\\]programs[/\\]startup|_profile\.ps1|[/\\]profile\.ps1|system32[/\\](?:tasks|drivers[/\\](?!etc)|(?:sethc|utilman|osk|magnify|narrator)\.exe)|[/\\]grouppolicy[/\\]/i;

/** Keys of the registry from which Windows starts programs. */
const startingKey =
  /(?:hklm|hkcu|hkey_local_machine|hkey_current_user|registry::)[^'"]*[/\\](?:run|runonce|runservices|runonceex|winlogon|image file execution options|appinit_dlls|userinit|explorer[/\\]shell folders|currentcontrolset[/\\](?:services|control[/\\]lsa))(?:[/\\\s'"]|$)/i;

export function isPersistencePath(text: string): boolean {
  return persistencePath.test(text) || startingKey.test(text);
}

export function isStartingKey(text: string): boolean {
  return startingKey.test(text);
}

/** Records of what was done. Logs that were rotated away are not among them. */
const tracePath =
  /^\/var\/log(?:\/|$)|_history$|history\.txt$|\.lesshst|\.viminfo|\/(?:wtmp|btmp|lastlog|utmp|faillog)$|[/\\]winevt[/\\]logs|\.evtx$|\/var\/lib\/waagent\/history|\/var\/log\/journal|\/run\/log\/journal|[/\\]logfiles[/\\]|\/var\/account\//i;
const rotatedLog = /\.(?:gz|bz2|xz|zip|old|\d+)$|-\d{8}\*?$/i;

export function isTracePath(text: string): boolean {
  return tracePath.test(text) && !rotatedLog.test(text);
}

/** Disks and memory as devices; `/dev/null` and its like are none. */
export function isDevicePath(text: string): boolean {
  return /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|disk\/|mapper\/|md\d|dm-|root|ram|mem|kmem|port|sg\d|lvm|vg)|^\\\\\.\\physicaldrive/i.test(
    text,
  );
}

const temporary =
  /^(?:\/tmp|\/var\/tmp|\/var\/cache|\/run\/user|\/dev\/shm|\/var\/lib\/apt\/lists|~\/\.cache|[a-z]:\\(?:temp|tmp|windows\\temp)|~\\appdata\\local\\temp)[/\\]+(?!\.*[/\\]*$)./i;

/** Below a folder for temporary things, whatever the rest is; the folder itself is not. `..` may lead out of it. */
export function isTemporary(path: string): boolean {
  return temporary.test(path) && !path.includes('..');
}

/** Whether a path says where it is, not only from where the script stands; an unknown beginning counts as anywhere. */
export function isAbsolute(path: string): boolean {
  return /^[/~\\]|^[a-z]:(?:[/\\]|$|\*)/i.test(path) || path.startsWith(unknownMark);
}

/** A path where a script stands that changed its folder; slashes and dots are folded. */
export function resolved(path: string, folder: string | undefined): string {
  const whole = isAbsolute(path) || folder === undefined ? path : `${folder}/${path}`;
  const isRooted = whole.startsWith('/');
  if (!isRooted && !whole.startsWith('~')) return whole;
  const kept: string[] = [];
  for (const segment of whole.split('/')) {
    if (segment === '..' && kept.length > 0) kept.pop();
    else if (segment !== '' && segment !== '.' && segment !== '..') kept.push(segment);
  }
  return isRooted ? `/${kept.join('/')}` : kept.join('/');
}
