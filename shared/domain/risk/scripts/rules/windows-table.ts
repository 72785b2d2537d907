import { type CommandRow, commandTable } from './table.ts';

/** Commands of Windows and cmdlets of PowerShell that tell by their name and parameters what they do. */
const rows: readonly CommandRow[] = [
  // Data that is gone.
  [
    'scriptDestroysData',
    'format-volume clear-disk initialize-disk remove-partition reset-physicaldisk remove-virtualdisk remove-storagepool diskpart remove-volume clear-storagediagnosticinfo',
  ],
  ['scriptDestroysData', 'format', /^[a-z]:/],
  ['scriptDestroysData', 'cipher', /\/w/],
  ['scriptDestroysData', 'sdelete sdelete64 bcdboot reagentc', /^(?!\/info|\/\?)/],
  ['scriptDestroysData', 'vssadmin', /\b(?:delete|resize)\b/],
  ['scriptDestroysData', 'wbadmin', /\bdelete\b/],
  ['scriptDestroysData', 'wmic', /shadowcopy.*delete|\bdelete\b/],
  ['scriptDestroysData', 'bcdedit', /\/(?:delete|set)/],
  ['scriptDestroysData', 'reg', /^delete (?:hklm|hkey_local_machine)(?!\\software\\[^\\\s]+\\[^\\\s]+)/],
  [
    'scriptDestroysData',
    'remove-wbbackupset remove-wbcatalog remove-dbabackup remove-dbadatabase remove-vm remove-vmsnapshot remove-adforest uninstall-addsdomaincontroller remove-adobject remove-adorganizationalunit',
  ],
  ['scriptDestroysData', 'robocopy', /(?:^|\s)\/(?:mir|purge)\b/],
  [
    'scriptDeletes',
    'remove-itemproperty clear-item clear-recyclebin remove-service remove-localuser remove-localgroup remove-aduser remove-adgroup remove-adcomputer remove-psdrive remove-smbshare uninstall-package uninstall-windowsfeature remove-windowsfeature remove-appxpackage remove-website remove-webapppool',
  ],
  ['scriptDeletes', 'sc', /^(?:\\\\\S+ )?delete\b/],
  ['scriptDeletes', 'reg', /^delete\b/],
  ['scriptDeletes', 'net', /^(?:user|localgroup|share) .*\/del/],
  ['scriptDeletes', 'msiexec', /\/(?:x|uninstall)\b/],
  ['scriptDestroysData', 'remove-ciminstance remove-wmiobject'],
  ['scriptDestroysData', 'invoke-azrestmethod', /(?:^|\s)-me\S* delete\b/],
  [
    'scriptReadsCredentials',
    'invoke-azrestmethod',
    /list\w*(?:keys|secrets|credential|connectionstrings|sas|tokens)|\/secrets\/|config\/appsettings/,
  ],
  ['scriptGrantsAccess', 'invoke-azrestmethod', /roleassignments|roledefinitions|elevateaccess|microsoft\.authorization/],
  ['scriptDownloads', 'bitsadmin', /\/(?:transfer|addfile)/],
  // Credentials.
  [
    'scriptReadsCredentials',
    'mimikatz invoke-mimikatz procdump procdump64 rubeus lazagne sharphound invoke-bloodhound seatbelt winpeas winpeasx64 kerberoast invoke-kerberoast gsecdump pwdump fgdump nanodump dumpert get-gpppassword invoke-ninjacopy out-minidump sekurlsa sharpdpapi',
  ],
  ['scriptReadsCredentials', 'rundll32', /comsvcs|minidump|keymgr/],
  ['scriptReadsCredentials', 'reg', /^(?:save|export|copy) .*\b(?:sam|security|system)\b|^query .*\b(?:winlogon|sam|security|putty|vnc)\b/],
  ['scriptReadsCredentials', 'cmdkey', /\/list/],
  ['scriptReadsCredentials', 'vaultcmd klist', /\/list|tickets|tgt|^$/],
  ['scriptReadsCredentials', 'ntdsutil dsdbutil esentutl', /./],
  ['scriptReadsCredentials', 'netsh', /wlan .*key ?= ?clear|trace start/],
  [
    'scriptReadsCredentials',
    'get-azaccesstoken get-azkeyvaultsecret get-azkeyvaultkey get-azkeyvaultcertificate get-azstorageaccountkey new-azstorageaccountsastoken new-azstoragecontainersastoken new-azstorageblobsastoken get-azwebapppublishingprofile get-azrediscachekey get-azrediskey get-azservicebuskey get-azeventhubkey get-azcosmosdbaccountkey get-azcontainerregistrycredential get-azaksclusteradmincredential import-azakscredential get-azbatchaccountkey get-azautomationvariable get-automationpscredential get-automationconnection get-automationvariable get-azcognitiveservicesaccountkey get-azsearchadminkeypair new-azadspcredential new-azadappcredential save-azcontext get-secret get-azcontext get-vaultsecret get-azfunctionappsetting get-azvmaemextension',
  ],
  ['scriptDeletes', 'set-content out-file', /^(?:-(?:path|literalpath|filepath) )?\S*\*/],
  ['scriptReadsCredentials', 'get-childitem get-item get-content', /(?:^|\s)env:(?:[\\/*]|$|\s)/],
  ['scriptReadsCredentials', 'set', /^$/],
  [
    'scriptReadsCredentials',
    'get-credential export-pfxcertificate export-clixml unprotect-cmsmessage convertfrom-securestring get-storedcredential get-stored-credential get-clipboard',
  ],
  ['scriptReadsCredentials', 'certutil', /-exportpfx/],
  ['scriptReadsCredentials', 'appcmd', /list .*(?:\/config|\/text:(?:\*|processmodel))/],
  // What stays.
  ['scriptPersists', 'schtasks', /\/(?:create|change)\b/],
  [
    'scriptPersists',
    'register-scheduledtask new-scheduledtask set-scheduledtask register-scheduledjob register-wmievent set-wmiinstance register-ciminstance register-cimindicationevent new-service set-localuser new-localuser add-localgroupmember new-aduser set-adaccountpassword add-adgroupmember enable-psremoting enable-wsmancredssp set-wsmanquickconfig enable-localuser enable-adaccount new-psroleCapabilityfile register-pssessionconfiguration unlock-adaccount',
  ],
  ['scriptPersists', 'new-ciminstance set-ciminstance', /__eventfilter|commandlineeventconsumer|__filtertoconsumerbinding|subscription/],
  ['scriptPersists', 'sc', /^(?:\\\\\S+ )?(?:create|config|failure|sdset)\b/],
  ['scriptPersists', 'set-service', /-(?:binarypathname|credential|startuptype automatic)/],
  ['scriptPersists', 'net', /^user .*\/(?:add|active)|^user \S+ [^\s/]+|^localgroup .*\/add|^group .*\/add|^accounts /],
  ['scriptPersists', 'winrm', /quickconfig|set /],
  ['scriptPersists', 'wmic', /\/namespace.*subscription|startup|useraccount .*(?:set|create)/],
  ['scriptPersists', 'netsh', /portproxy add|helper|firewall add (?:portopening|allowedprogram)/],
  ['scriptPersists', 'at', /./],
  ['scriptPersists', 'bitsadmin', /\/setnotifycmdline/],
  // Rights.
  ['scriptGrantsAccess', 'icacls cacls', /\/(?:grant|reset|setowner|p)\b/],
  ['scriptGrantsAccess', 'takeown set-acl grant-smbshareaccess add-ntfsaccess'],
  ['scriptGrantsAccess', 'net', /^share .*\/grant/],
  ['scriptGrantsAccess', 'new-smbshare', /fullaccess|everyone/],
  ['scriptGrantsAccess', 'ntrights secedit', /\/configure|\+r/],
  ['scriptGrantsAccess', 'set-executionpolicy', /localmachine/],
  // Defences.
  [
    'scriptDisablesDefences',
    'set-mppreference',
    /-disable|-(?:mapsreporting|submitsamplesconsent|pua\S*|enablecontrolledfolderaccess|enablenetworkprotection|cloudblocklevel) (?:0|disabled|never|false)|default\S* (?:allow|6|noaction)/,
  ],
  ['scriptDisablesDefences', 'add-mppreference', /-exclusion|allow/],
  ['scriptDisablesDefences', 'uninstall-windowsfeature remove-windowsfeature', /defender/],
  ['scriptDisablesDefences', 'set-netfirewallprofile', /-enabled (?:false|0)|defaultinboundaction allow/],
  [
    'scriptDisablesDefences',
    'netsh',
    /(?:advfirewall|firewall) set (?:\S+ )?.*(?:state off|opmode ?=? ?disable|allowinbound)|set opmode disable/,
  ],
  ['scriptDisablesDefences', 'disable-netfirewallrule remove-netfirewallrule'],
  ['scriptDisablesDefences', 'new-netfirewallrule', /-direction inbound.*-action allow(?!.*-remoteaddress (?!any\b))|-remoteaddress any/],
  [
    'scriptDisablesDefences',
    'stop-service set-service remove-service suspend-service sc net net1 stop-process taskkill',
    /\b(?:windefend|wdnissvc|sense|mssense|mpssvc|eventlog|wscsvc|securityhealthservice|wuauserv|msmpeng|sysmon\S*|healthservice|azuremonitoragent|windowsazureguestagent|rdagent|mdcoresvc|csfalconservice|cyserver|sepmasterservice|mbamservice|carbonblack|cbdefense|gcarcservice|himds)\b/,
  ],
  ['scriptDisablesDefences', 'mpcmdrun', /-removedefinitions|-restore/],
  [
    'scriptDisablesDefences',
    'reg new-itemproperty set-itemproperty',
    /disable(?:antispyware|realtimemonitoring|antivirus|behaviormonitoring|taskmgr|cmd|ioavprotection)|enablelua|localaccounttokenfilterpolicy|uselogoncredential|runasppl|enablescriptblocklogging|enablevirtualizationbasedsecurity|lmcompatibilitylevel|disablerestrictedadmin|fdenytsconnections|restrictanonymous|smartscreen/,
  ],
  ['scriptDisablesDefences', 'fltmc', /unload/],
  [
    'scriptDisablesDefences',
    'set-smbserverconfiguration',
    /(?:requiresecuritysignature|encryptdata|enablesecuritysignature) (?:false|0)|enablesmb1protocol (?:true|1)/,
  ],
  ['scriptDisablesDefences', 'dism', /disable-feature.*defender/],
  // Traces.
  ['scriptHidesTraces', 'wevtutil', /^(?:cl|clear-log|sl|set-log)\b/],
  ['scriptHidesTraces', 'clear-eventlog remove-eventlog limit-eventlog clear-history clear-winevent clear-log'],
  ['scriptHidesTraces', 'auditpol', /\/(?:clear|remove|set .*disable)/],
  ['scriptHidesTraces', 'fsutil', /usn deletejournal/],
  ['scriptHidesTraces', 'set-psreadlineoption set-psreadlineoptions', /savenothing|historysavestyle|historysavepath/],
  ['scriptHidesTraces', 'stop-transcript set-date'],
  ['scriptHidesTraces', 'attrib', /\+(?:h|s)\b/],
  ['scriptHidesTraces', 'logman', /^(?:stop|delete)/],
  ['scriptHidesTraces', 'set-itemproperty sp', /(?:creation|lastwrite|lastaccess)time/],
  // Ways in and out.
  ['scriptOpensRemoteShell', 'enter-pssession plink ngrok nc nc64 ncat powercat invoke-powershelltcp invoke-shellcode psexec64'],
  ['scriptSendsData', 'send-mailmessage send-smtpmail bcp', /^(?!.*\bin\b.*-f)/],
  ['scriptSendsData', 'bitsadmin', /\/upload/],
  ['scriptSendsData', 'start-bitstransfer', /-transfertype upload/],
  ['scriptSendsData', 'copy-item', /-tosession|\\\\[a-z0-9.-]+\\/],
  [
    'scriptSendsData',
    'set-azstorageblobcontent set-azstoragefilecontent start-azstorageblobcopy publish-azwebapp new-psdrive net',
    /^use \S+ \\\\\S+\.\S+\.|blob|file|container|\\\\\S+\.(?:com|net|io|org)/,
  ],
  ['scriptDownloads', 'start-bitstransfer', /^(?!.*-transfertype upload)/],
  [
    'scriptDownloads',
    'install-module install-package install-script save-module install-psresource update-module choco winget scoop get-azstorageblobcontent install-packageprovider nuget',
    /^(?!list|search|info|--version|-v)/,
  ],
  // Other machines.
  [
    'scriptRunsElsewhere',
    'new-pssession psexec psexec64 paexec winrs invoke-wmiexec invoke-command',
    /-(?:computername|cn|session|vmname|hostname|connectionuri)\b|\\\\\S+|-r:/,
  ],
  ['scriptRunsElsewhere', 'wmic', /\/node:/],
  // Interruption.
  [
    'scriptInterruptsService',
    'restart-computer stop-computer restart-service stop-service suspend-service stop-process taskkill stop-website stop-webapppool restart-webapppool iisreset stop-vm restart-vm logoff disable-netadapter disable-scheduledtask stop-scheduledtask',
  ],
  ['scriptInterruptsService', 'shutdown', /\/[rspg]\b|-[rsp]\b/],
  ['scriptInterruptsService', 'net net1', /^stop /],
  ['scriptInterruptsService', 'sc', /^(?:\\\\\S+ )?stop\b/],
  ['scriptInterruptsService', 'schtasks', /\/(?:delete|end)\b/],
  // Azure from within.
  [
    'scriptDestroysData',
    'remove-azresourcegroup remove-azvm remove-azvmss remove-azdisk remove-azsnapshot remove-azsqlserver remove-azsqldatabase remove-azstorageaccount remove-azstoragecontainer remove-azstorageblob remove-azstorageshare remove-azstoragetable remove-azkeyvault remove-azkeyvaultsecret remove-azkeyvaultkey remove-azkeyvaultcertificate remove-azrecoveryservicesvault remove-azrecoveryservicesbackupprotection remove-azakscluster remove-azresource remove-azcosmosdbaccount remove-azcosmosdbsqldatabase remove-azpostgresqlflexibleserver remove-azmysqlflexibleserver remove-azsubscriptiondeploymentstack remove-azresourcegroupdeploymentstack remove-azrediscache remove-azdataprotectionbackupvault disable-azrecoveryservicesbackupprotection remove-azcontainergroup remove-azmanagementgroup clear-azstoragequeue remove-azeventhubnamespace remove-azservicebusnamespace remove-azsynapseworkspace remove-azkustocluster',
  ],
  [
    'scriptGrantsAccess',
    'new-azroleassignment new-azroledefinition set-azroledefinition set-azkeyvaultaccesspolicy add-azadgroupmember new-azadserviceprincipal new-azadapplication new-azfederatedidentitycredential new-azuserassignedidentity new-azpolicyexemption remove-azroleassignment remove-azresourcelock remove-azpolicyassignment new-mgserviceprincipal add-mgserviceprincipalkey new-mggroupmember invoke-azelevateaccess update-azvm',
  ],
  [
    'scriptRunsElsewhere',
    'invoke-azvmruncommand set-azvmruncommand invoke-azvmssvmruncommand invoke-azakscommand invoke-azaksruncommand set-azvmextension set-azvmcustomscriptextension start-azautomationrunbook invoke-azrestmethod invoke-azcontainerinstancecommand',
  ],
];

const azureVerb =
  /^(?:new|set|update|start|stop|restart|add|move|invoke|enable|disable|register|unregister|reset|save|suspend|resume|import|publish)-az/;

const judgeRows = commandTable(rows);

/** The table, and beside it every other cmdlet that changes or removes resources of Azure, by its verb. */
export const judgeWindowsTable: typeof judgeRows = (invocation, judge) => {
  if (judgeRows(invocation, judge)) return true;
  const code = azureVerb.test(invocation.name)
    ? 'scriptChangesAzure'
    : /^remove-(?:az|mg)/.test(invocation.name)
      ? 'scriptDeletes'
      : undefined;
  if (code !== undefined) judge.found(code, invocation.line, invocation.name);
  return code !== undefined;
};
