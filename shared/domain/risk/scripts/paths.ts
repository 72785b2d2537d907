import { unknownMark } from './values.ts';

/** Files that hold credentials, secrets or tokens. */
const credentialPath =
  /\/etc\/g?shadow|\/\.ssh\/(?:id_|[^/\s]*\.pem)|[/~\\]\.azure(?:[/\\]|$)|msal_token_cache|accesstokens\.json|\.kube[/\\]config|\/etc\/kubernetes\/(?:admin\.conf|pki|azure\.json)|\/var\/lib\/kubelet\/(?:pki|kubeconfig)|\/run\/secrets(?:\/|$)|\.aws\/credentials|\.docker\/config\.json|\/\.netrc|\.pgpass|\.git-credentials|\/proc\/[^/\s]*\/(?:environ|mem)|\/var\/lib\/waagent\/[^\s]*(?:\.prv|\.p7m|\.pem|ovf-env|sharedconfig|settings)|krb5\.keytab|krb5cc_|ntds\.dit|[/\\]config[/\\](?:sam|security|system)(?:$|[\s'"])|\blsass\b|[/\\]microsoft[/\\](?:credentials|protect|vault)(?:[/\\]|$)|tokencache\.dat|azurermcontext\.json|[/\\]\.azure[/\\]|unattend\.xml|applicationhost\.config|\/etc\/ssl\/private|\.gnupg|hk(?:lm|ey_local_machine):?[/\\](?:sam|security)(?:$|[\s/\\'"])|\.mozilla\/firefox|login data$|\.rdp$|\/\.config\/gh\/|\/etc\/salt\/pki|\.terraform\.d\/credentials|consolehost_history|\.bash_history|\.config\/gcloud/i;

export function isCredentialPath(text: string): boolean {
  return credentialPath.test(text);
}

/** Places from which something runs later or somebody is let in, when a script writes there. */
const persistencePath =
  /\/etc\/(?:cron|anacrontab|at\.allow|systemd\/|init\.d\/|rc\.local|rc\d?\.d\/|passwd|shadow|gshadow|group|sudoers|pam\.d|profile|bash\.bashrc|bashrc|zsh|ld\.so\.preload|ld\.so\.conf|ssh\/sshd_config|udev\/rules\.d|xdg\/autostart|update-motd\.d|modules-load\.d|logrotate\.d|apt\/(?:apt\.conf\.d|sources\.list|trusted\.gpg|keyrings)|yum\.repos\.d|pki\/(?:rpm-gpg|ca-trust)|modprobe\.d|modprobe\.conf|binfmt\.d|ld\.so\.cache|skel\/|crypttab|fstab|security\/|inittab|nsswitch\.conf)|\/var\/spool\/(?:cron|at)|\/usr\/(?:local\/)?share\/ca-certificates\/|\/proc\/sys\/fs\/binfmt_misc\/|\/(?:usr\/)?lib\/systemd\/|\/\.config\/(?:systemd|autostart)|authorized_keys|[/~]\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|ssh\/(?:config|rc|environment))|\.git\/hooks\/|\/etc\/kubernetes\/manifests|[/\\]start ?menu[/\\]programs[/\\]startup|_profile\.ps1|[/\\]profile\.ps1|system32[/\\](?:tasks|drivers[/\\](?!etc)|(?:sethc|utilman|osk|magnify|narrator)\.exe)|[/\\]grouppolicy[/\\]/i;

/** Keys of the registry from which Windows starts programs. */
const startingKey =
  /(?:hklm|hkcu|hkey_local_machine|hkey_current_user|registry::)[^'"]*[/\\](?:run|runonce|runservices|runonceex|winlogon|image file execution options|appinit_dlls|userinit|explorer[/\\]shell folders|currentcontrolset[/\\](?:services|control[/\\]lsa))(?:[/\\\s'"]|$)/i;

export function isPersistencePath(text: string): boolean {
  return persistencePath.test(text) || startingKey.test(text);
}

export function isStartingKey(text: string): boolean {
  return startingKey.test(text);
}

/** Files that say what a machine guards against. */
const defencePath =
  /^\/sys\/fs\/selinux\/|\/etc\/(?:selinux|apparmor(?:\.d)?|audit|fail2ban|rsyslog|syslog-ng|falco|osquery|aide|opt\/microsoft\/mdatp|sysctl|login\.defs|hosts\.(?:allow|deny)|iptables|nftables|ufw|firewalld)(?:[./]|$)|\/etc\/systemd\/journald\.conf|^\/proc\/sys\/(?:kernel|net|fs)\/|\/etc\/waagent\.conf|^\/sys\/kernel\/security\//i;

export function isDefencePath(text: string): boolean {
  return defencePath.test(text);
}

/** Whole folders in which credentials lie among other things. */
const credentialFolders =
  /^\/(?:etc|root|home|home\/[^/]+|etc\/ssl|etc\/kubernetes|var\/lib\/(?:waagent|kubelet)|run|proc|proc\/(?:self|\d+|\[0-9\]\*|\*))?\/?\*?$|\/\.ssh\/?\*?$|\/\.azure\/?\*?$/i;

/** Whether who reads all of a folder reads credentials too. */
export function holdsCredentials(folder: string): boolean {
  return credentialFolders.test(folder);
}

const guarded = [
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/shadow-',
  '/etc/kubernetes/admin.conf',
  '/root/.ssh/id_rsa',
  '/root/.ssh/id_ed25519',
  '/home/azureuser/.ssh/id_rsa',
  '/proc/self/environ',
  '/proc/1/environ',
  '/root/.azure/accessTokens.json',
  '/root/.azure/msal_token_cache.json',
  '/root/.kube/config',
  '/var/lib/waagent/ovf-env.xml',
  '/run/secrets/kubernetes.io/serviceaccount/token',
  '/var/run/secrets/kubernetes.io/serviceaccount/token',
].map((path) => path.split('/'));

/** Whether a path with `*`, `?` or `[…]` names one of the well-known files of credentials. */
export function mayNameCredentials(path: string): boolean {
  if (!/[*?[]/.test(path) || path.length > 200) return false;
  const segments = path
    .replaceAll(/\[[^\]]*\]/g, '?')
    .replace(/^~(?=\/)/, '/root')
    .split('/');
  if (!segments.some((segment) => /[A-Za-z]/.test(segment))) return false;
  return guarded.some(
    (names) => names.length === segments.length && names.every((name, index) => matchesGlob(name, segments[index] ?? '')),
  );
}

/** Steps back to the last star only, so that the time is the product of both lengths at most. */
function matchesGlob(name: string, pattern: string): boolean {
  let at = 0;
  let own = 0;
  let star = -1;
  let from = 0;
  while (at < name.length) {
    if (own < pattern.length && pattern[own] !== '*' && (pattern[own] === '?' || pattern[own] === name[at])) {
      at += 1;
      own += 1;
    } else if (pattern[own] === '*') {
      star = own;
      own += 1;
      from = at;
    } else if (star !== -1) {
      from += 1;
      at = from;
      own = star + 1;
    } else return false;
  }
  return pattern.slice(own).replaceAll('*', '') === '';
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
