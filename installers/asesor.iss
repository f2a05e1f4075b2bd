; Installer for one person, without an administrator. Build dist\asesor on Windows first; see README.md. Not yet run.
#define Version "0.1.0"

[Setup]
AppId={{6B1B7B0E-6C1C-4C57-9A5A-0F5F0E6C93A2}
AppName=Asesor
AppVersion={#Version}
AppPublisher=Asesor
DefaultDirName={userpf}\Asesor
DisableProgramGroupPage=yes
DisableDirPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\LICENSE
OutputDir=..\dist
OutputBaseFilename=asesor-setup-{#Version}
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
UninstallDisplayIcon={app}\asesor.exe
CloseApplications=yes
RestartApplications=no

[Languages]
; Inno Setup brings no Indonesian: the words that people see most are below, the rest stays English.
Name: "id"; MessagesFile: "compiler:Default.isl"
Name: "en"; MessagesFile: "compiler:Default.isl"

[LangOptions]
id.LanguageName=Bahasa Indonesia
id.LanguageID=$0421

[Messages]
id.SetupAppTitle=Pemasangan
id.SetupWindowTitle=Pemasangan - %1
id.UninstallAppTitle=Hapus Pemasangan
id.UninstallAppFullTitle=Hapus Pemasangan %1
id.ButtonBack=< &Kembali
id.ButtonNext=&Lanjut >
id.ButtonInstall=&Pasang
id.ButtonCancel=Batal
id.ButtonFinish=&Selesai
id.ButtonYes=&Ya
id.ButtonNo=&Tidak
id.SelectLanguageTitle=Pilih Bahasa Pemasangan
id.SelectLanguageLabel=Pilih bahasa yang dipakai selama pemasangan.
id.WizardLicense=Perjanjian Lisensi
id.LicenseLabel=Bacalah lisensi berikut sebelum melanjutkan.
id.LicenseLabel3=Bacalah lisensi berikut. Anda perlu menyetujuinya untuk melanjutkan.
id.LicenseAccepted=Saya &menyetujui
id.LicenseNotAccepted=Saya &tidak menyetujui
id.WizardSelectTasks=Pilih Tugas Tambahan
id.SelectTasksDesc=Tugas tambahan apa yang dijalankan?
id.SelectTasksLabel2=Pilih tugas tambahan, lalu klik Lanjut.
id.WizardReady=Siap Memasang
id.ReadyLabel1=[name] siap dipasang di komputer Anda.
id.ReadyLabel2a=Klik Pasang untuk melanjutkan, atau Kembali untuk mengubah pilihan.
id.ReadyLabel2b=Klik Pasang untuk melanjutkan.
id.WizardInstalling=Memasang
id.InstallingLabel=Tunggu selagi [name] dipasang di komputer Anda.
id.FinishedHeadingLabel=Pemasangan [name] selesai
id.FinishedLabel=[name] sudah terpasang. Buka lewat pintasan yang dibuat.
id.FinishedLabelNoIcons=[name] sudah terpasang.
id.ClickFinish=Klik Selesai untuk menutup.
id.ExitSetupTitle=Keluar dari Pemasangan
id.ExitSetupMessage=Pemasangan belum selesai. Keluar sekarang?
id.ConfirmUninstall=Hapus %1 dari komputer ini? Buku catatan Anda tetap ada.
id.UninstalledAll=%1 sudah dihapus. Buku catatan Anda tetap ada.

[CustomMessages]
id.Desktop=Buat pintasan di desktop
en.Desktop=Create a shortcut on the desktop
id.Launch=Buka Asesor
en.Launch=Open Asesor

[Tasks]
Name: "desktop"; Description: "{cm:Desktop}"

[Files]
Source: "..\dist\asesor\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[InstallDelete]
; Files of an older version must not stay beside the new ones.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{userprograms}\Asesor"; Filename: "{app}\asesor.exe"
Name: "{userdesktop}\Asesor"; Filename: "{app}\asesor.exe"; Tasks: desktop

[Run]
Filename: "{app}\asesor.exe"; Description: "{cm:Launch}"; Flags: nowait postinstall skipifsilent
