"""The secretariat's journey in a real browser: from signing in to a revoked device; every page pictured and measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app import paths
from assessor_app.models.catalogue import Instrument
from assessor_app.models.documents import Document
from assessor_app.models.innovations import Innovation
from assessor_app.models.journal import PENDING
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Intent
from assessor_app.workflow import courier, courier_keys, syncing
from assessor_server.history import load_row
from tests.factories import ServerProcess, make_account, make_note, make_visit, read, sync
from tests.server.scenes import PASSWORD, add, signed_sheet

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.common.exceptions import WebDriverException  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

_BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
_DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (_BROWSER and _DRIVER), reason="no Chromium with its driver here: see resources/make/system.sh")
PICTURES = Path(__file__).parents[2] / "build/web"

#: Texts whose contrast with what is behind them is below 4.5, fields without a label, tables without a caption.
_FAULTS = """
const out = [], rgb = c => (c.match(/[\\d.]+/g) || []).map(Number);
const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                     return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
                      if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
for (const e of document.querySelectorAll('body *')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.disabled || e.offsetWidth === 0) continue;
  const a = light(rgb(getComputedStyle(e).color).slice(0, 3)), b = light(behind(e));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) out.push('contrast ' + ratio.toFixed(2) + ': ' + e.textContent.trim().slice(0, 40));
}
for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
  if (!e.labels.length && !e.getAttribute('aria-label')) out.push('no label: ' + e.name);
for (const e of document.querySelectorAll('table')) if (!e.caption || !e.caption.textContent.trim()) out.push('no caption');
if (document.querySelectorAll('h1').length !== 1) out.push('headings: ' + document.querySelectorAll('h1').length);
if (!document.documentElement.lang) out.push('no language');
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) out.push('wider than the window');
return out;
"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = _BROWSER
    for word in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=id", "--window-size=1366,768",
                 f"--user-data-dir={tmp_path / 'chromium'}"):
        options.add_argument(word)
    (tmp_path / "downloads").mkdir()
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path / "downloads")})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(_DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path / "server").prepare().start()
    store = made.store()
    add(store, "sri", "secretariat")
    store.close()
    yield made
    made.stop()


class Reader:
    """What the secretariat does: reads, types and clicks."""

    def __init__(self, driver: Any, base: str) -> None:
        self.driver, self.base = driver, base

    def open(self, path: str) -> None:
        self.driver.get(self.base + path)

    @property
    def text(self) -> str:
        return str(self.driver.find_element(By.TAG_NAME, "main").text)

    def type(self, label: str, value: str) -> None:
        name = self.driver.find_element(By.XPATH, f"//label[normalize-space()='{label}']").get_attribute("for")
        field = self.driver.find_element(By.ID, name)
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
        else:
            if field.get_attribute("type") != "file":
                field.clear()
            field.send_keys(value)

    def press(self, words: str) -> None:
        found = "|".join(f"//{tag}[normalize-space()='{words}']" for tag in ("button", "a"))
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.driver.find_element(By.XPATH, found).click()
        self.wait(lambda: self._gone(before))

    def download(self, words: str, folder: Path) -> Path:
        self.driver.find_element(By.XPATH, "|".join(f"//{tag}[normalize-space()='{words}']" for tag in ("button", "a"))).click()
        self.wait(lambda: any(file.suffix != ".crdownload" for file in folder.iterdir()))
        return next(folder.iterdir())

    def wait(self, until: Callable[[], bool]) -> None:
        WebDriverWait(self.driver, 30, 0.05).until(lambda _: until())

    def _gone(self, element: Any) -> bool:
        try:
            element.is_enabled()
        except WebDriverException:  # the element went with its page
            return bool(self.driver.execute_script("return document.readyState") == "complete")
        return False

    def picture(self, name: str) -> None:
        """Picture the page at both widths, and look for what nobody could read or reach."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width, height in ((1366, 768), (390, 844)):
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
            assert self.driver.execute_script(_FAULTS) == [], (name, width)
            self.driver.save_screenshot(str(PICTURES / f"{name}-{width}.png"))
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_secretariats_journey(browser: Any, server: ServerProcess, tmp_path: Path) -> None:
    web = Reader(browser, server.url)

    # She signs in; the first key leads past the menu, and one sees where one is.
    web.open("/web/")
    web.picture("masuk")
    web.type("Nama pengguna", "sri")
    web.type("Kata sandi", PASSWORD)
    web.press("Masuk")
    assert "Ikhtisar" in web.text
    web.picture("ikhtisar-kosong")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.text == "Langsung ke isi"
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"

    # She adds an account, assigns a region, hands over the invitation; the assessor's device joins by it.
    web.press("Akun")
    web.type("Nama lengkap", "Maria Tefa")
    web.type("Nama pengguna", "maria")
    web.press("Tambah")
    assert "Maria Tefa telah ditambahkan" in web.text
    web.type("Nama atau kode daerah", "boven digoel")
    web.press("Cari")
    web.type("Daerah", "Kab. Boven Digoel (93.02), Papua Selatan")
    web.type("Tahun (0: setiap tahun)", "0")
    web.press("Tugaskan")
    assert "Kab. Boven Digoel (93.02)" in web.text
    web.picture("akun")
    device = make_account(tmp_path / "a", "Maria Tefa")
    syncing.join(device, syncing.read_invitation(web.download("Unduh undangan baru", tmp_path / "downloads")))
    web.open("/web/akun")
    web.picture("daftar-akun")

    # She publishes an instrument; the device brings a visit and a signed sheet, and gets the instrument.
    web.press("Instrumen")
    web.type("Buku kerja (.xlsx)", str(paths.resources() / "instruments/smart-city-2023-wisata.xlsx"))
    web.press("Periksa dan terbitkan")
    assert "telah terbit" in web.text
    web.picture("instrumen")

    # She publishes what other regions did; a faulty list is refused with its cells.
    web.press("Contoh")
    faulty = tmp_path / "daftar.csv"
    faulty.write_text("Daerah;Tahun;Nama inovasi;Dimensi\nAntah;2023;Air;Smart Living\n", encoding="utf-8")
    web.type("Daftar (.xlsx atau .csv)", str(faulty))
    web.press("Periksa dan terbitkan")
    assert "sel A2: “Antah” bukan kabupaten atau kota" in web.text
    web.picture("contoh-salah")
    refused = [line["message"] for line in browser.get_log("browser") if "favicon" not in line["message"]]
    assert len(refused) == 1, refused  # the refusal's own status; nothing else so far
    assert "422" in refused[0]
    web.open("/web/contoh")
    web.type("Daftar (.xlsx atau .csv)", str(paths.resources() / "sample/contoh-inovasi.csv"))
    web.press("Periksa dan terbitkan")
    assert "9 baru" in web.text
    web.picture("contoh")
    web.press("Smart Environment")
    assert "Kota Sabang (11.72)" in web.text
    assert "Kab. Sleman (34.04)" not in web.text
    browser.find_element(By.XPATH, "//tr[contains(., 'Kota Sabang')]//a").click()
    web.wait(lambda: "Kantor yang dapat dihubungi: Bidang Pengelolaan Sampah" in web.text)
    web.picture("contoh-hapus-kontak")
    web.press("Batal")
    web.press("Instrumen")
    visit, document = signed_sheet(device)
    make_note(device, visit, "Air bersih mengalir dua jam sehari.", title="Pasar Tanah Merah")
    sync(device)
    with device.reading() as session:
        assert session.query(Instrument).filter_by(deleted=False).count() == 1
        assert session.query(Innovation).count() == 9

    # She sees the device, the visit, and opens a note, which is written down.
    web.press("Ikhtisar")
    assert "1\nDokumen menunggu persetujuan" in web.text
    web.picture("ikhtisar")
    web.press("Perangkat")
    assert device.device in web.text
    web.picture("perangkat")
    web.press("Kunjungan")
    web.picture("kunjungan")
    web.press("Kab. Boven Digoel (93.02)")
    assert "Pasar Tanah Merah" not in web.text
    web.picture("satu-kunjungan")
    web.press("Buka")
    assert "Air bersih mengalir" in web.text
    web.picture("catatan")
    web.press("Akses")
    assert "Catatan wawancara" in web.text
    web.picture("akses")
    web.press("Hasil")
    assert "terperiksa" in web.text
    web.picture("hasil")

    # She returns the sheet with a remark; the device hears it at its next sync.
    web.press("Dokumen")
    web.picture("daftar-dokumen")
    web.press("Lembar Evaluasi 1")
    web.picture("dokumen")
    web.type("Catatan: apa yang harus diperbaiki?", "Sebutkan bukti pada aspek Dampak.")
    web.press("Kembalikan dengan catatan ini")
    assert "Dikembalikan" in web.text
    web.picture("dokumen-dikembalikan")
    sync(device)
    assert read(device, Document, document, "state") == "returned"
    assert read(device, Document, document, "remark") == "Sebutkan bukti pada aspek Dampak."

    # She says that the device stands in an office: it hears so, and seals for it; then she takes that back, and names it again.
    web.press("Perangkat")
    web.press(device.device)
    web.picture("satu-perangkat")
    web.type("Nama dan tempat kantor", "Diskominfo Boven Digoel, Tanah Merah")
    web.press("Tetapkan sebagai kantor penerima")
    assert "Diskominfo Boven Digoel, Tanah Merah menjadi kantor penerima" in web.text
    web.picture("kantor-penerima")
    web.press("English")
    assert "Courier files are sealed for this device too, as that of Diskominfo Boven Digoel, Tanah Merah." in web.text
    web.picture("kantor-penerima-en")
    web.press("Bahasa Indonesia")
    sync(device)
    make_note(device, visit, "Lewat kantor.", title="Kouh")
    assert courier.pack(device, tmp_path / "kantor.titipan").offices == ["Diskominfo Boven Digoel, Tanah Merah"]
    web.press("Batalkan penetapan")
    assert "Bukan kantor penerima lagi" in web.text
    sync(device)
    make_note(device, visit, "Tanpa kantor.", title="Mindiptana")
    assert courier.pack(device, tmp_path / "tanpa.titipan").offices == []
    web.type("Nama dan tempat kantor", "Bappeda Boven Digoel")
    web.press("Tetapkan sebagai kantor penerima")
    sync(device)
    web.press("Perangkat")
    assert "Bappeda Boven Digoel" in web.text
    web.picture("perangkat-kantor")

    # She revokes the device; its next sync is refused.
    web.press("Perangkat")
    web.press(device.device)
    web.press("Cabut perangkat ini …")
    web.picture("cabut")
    web.press("Cabut")
    assert "dicabut" in web.text
    outcome = syncing.synchronise(device)
    assert getattr(outcome.fault, "code", "") == "revoked"
    web.press("Ditolak")
    web.picture("ditolak")

    # In English too; then she leaves, and going back shows nothing.
    web.press("English")
    assert "Refused changes" in web.text
    web.press("Sign out")
    browser.back()
    web.open("/web/akun")
    assert "Sign in" in web.text
    complaints = [line["message"] for line in browser.get_log("browser") if "favicon" not in line["message"]]
    assert complaints == []
    device.close()


def test_a_courier_file_is_taken_in_and_its_receipts_go_back(browser: Any, server: ServerProcess, tmp_path: Path) -> None:
    store = server.store()
    add(store, "maria", "assessor", "93.02")
    store.close()
    device = server.join(tmp_path / "a", "maria")
    courier_keys.keys(device)
    visit = make_visit(device)
    sync(device)
    sync(device)
    note = make_note(device, visit, "Tanpa saluran, lewat flashdisk.", title="Kouh")
    stick = tmp_path / "maria.titipan"
    packed = courier.pack(device, stick)
    before = stick.read_bytes()

    web = Reader(browser, server.url)
    web.open("/web/")
    web.type("Nama pengguna", "sri")
    web.type("Kata sandi", PASSWORD)
    web.press("Masuk")
    web.press("Berkas titipan")
    web.picture("titipan")
    for name, content, said in (("bukan.titipan", b"bukan berkas titipan", "Tidak ada yang dapat diterima"),
                                ("potong.titipan", before[:-40], "Tidak ada yang dapat diterima")):
        (tmp_path / name).write_bytes(content)
        web.open("/web/titipan")
        web.type("Berkas titipan (.titipan)", str(tmp_path / name))
        web.press("Terima")
        assert said in web.text
        assert "Tidak ada yang diubah" in web.text
    web.open("/web/titipan")
    web.type("Berkas titipan (.titipan)", str(stick))
    web.press("Terima")
    assert f"{packed.intents} perubahan" in web.text
    assert "tidak perlu disimpan" in web.text
    web.picture("titipan-diterima")
    reply = web.download("Simpan tanda terima", tmp_path / "downloads")
    told = courier.take_in(device, reply)
    assert told.receipts == packed.intents
    with device.reading() as session:
        assert not session.scalars(select(Intent).where(Intent.state.in_(PENDING))).all()
    store = server.store()
    with store.transaction() as connection:
        row = load_row(connection, Kind.INTERVIEW, note)
        assert row is not None
        assert row.fields["title"] == "Kouh"
    store.close()
    assert stick.read_bytes() == before
    device.close()
