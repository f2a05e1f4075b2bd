"""Qt's own words in the person's language: its file and print boxes and the menus of its text fields, from our catalogue."""

from __future__ import annotations

from PySide6.QtCore import QTranslator

from assessor_app import i18n
from assessor_app.i18n import mark, t

#: Qt's English → what our catalogue knows it by; another name where our own word of the same spelling means something else.
_FILES = {
    "Look in:": mark("Look in:"), "&Look in:": mark("&Look in:"), "File &name:": mark("File &name:"),
    "Files of &type:": mark("Files of &type:"), "Files of type:": mark("Files of type:"), "&Open": mark("&Open"), "&Save": mark("&Save"),
    "&Choose": mark("&Choose"), "Open": mark("Open (a file)"), "Save": mark("Save (a file)"), "Save As": mark("Save As"),
    "Cancel": mark("Cancel"), "Close": mark("Close"), "OK": mark("OK"), "&Yes": mark("&Yes"), "&No": mark("&No"),
    "All Files (*)": mark("All Files (*)"), "Back": mark("Back (a folder)"), "Forward": mark("Forward (a folder)"),
    "Go back": mark("Go back"), "Go forward": mark("Go forward"), "Parent Directory": mark("Parent Directory"),
    "Go to the parent directory": mark("Go to the parent directory"), "Create New Folder": mark("Create New Folder"),
    "Create a New Folder": mark("Create a New Folder"), "&New Folder": mark("&New Folder"), "New Folder": mark("New Folder"),
    "List View": mark("List View"), "Detail View": mark("Detail View"), "Change to list view mode": mark("Change to list view mode"),
    "Change to detail view mode": mark("Change to detail view mode"), "Sidebar": mark("Sidebar"), "Files": mark("Files"),
    "List of places and bookmarks": mark("List of places and bookmarks"), "&Rename": mark("&Rename"), "&Delete": mark("&Delete"),
    "Show &hidden files": mark("Show &hidden files"), "Show ": mark("Show "), "Remove": mark("Remove"),
    "Recent Places": mark("Recent Places"), "Computer": mark("Computer"), "My Computer": mark("My Computer"),
    "Name": mark("Name"), "Size": mark("Size"), "Type": mark("Type"), "Kind": mark("Kind"),
    "Date Modified": mark("Date Modified"), "Drive": mark("Drive"), "Folder": mark("Folder"), "File Folder": mark("File Folder"),
    "File": mark("File"), "%1 File": mark("%1 File"), "Unknown": mark("Unknown"),
    "%1 already exists.\nDo you want to replace it?": mark("%1 already exists.\nDo you want to replace it?"),
    "%1\nFile not found.\nPlease verify the correct file name was given.":
        mark("%1\nFile not found.\nPlease verify the correct file name was given."),
    "%1\nDirectory not found.\nPlease verify the correct directory name was given.":
        mark("%1\nDirectory not found.\nPlease verify the correct directory name was given."),
    "Are you sure you want to delete '%1'?": mark("Are you sure you want to delete '%1'?"),
    "'%1' is write protected.\nDo you want to delete it anyway?": mark("'%1' is write protected.\nDo you want to delete it anyway?"),
    "Could not delete directory.": mark("Could not delete directory."),
}
_TEXTS = {
    "&Undo": mark("&Undo"), "&Redo": mark("&Redo"), "Cu&t": mark("Cu&t"), "&Copy": mark("&Copy"), "&Paste": mark("&Paste"),
    "Delete": mark("Delete"), "Select All": mark("Select All"), "Scroll Left": mark("Scroll Left"), "Scroll Right": mark("Scroll Right"),
}
_PRINTS = {
    "Print": mark("Print"), "&Print": mark("&Print"), "Printer": mark("Printer"), "&Name:": mark("&Name:"), "Location:": mark("Location:"),
    "Type:": mark("Type:"), "Output &file:": mark("Output &file:"), "P&roperties": mark("P&roperties"),
    "&Options >>": mark("&Options >>"), "&Options <<": mark("&Options <<"), "Print to File (PDF)": mark("Print to File (PDF)"),
    "Local file": mark("Local file"), "Write PDF file": mark("Write PDF file"), "Copies": mark("Copies"), "Copies:": mark("Copies:"),
    "Options": mark("Options (of printing)"), "Print range": mark("Print range"), "Print all": mark("Print all"),
    "Pages from": mark("Pages from"), "to": mark("to (a page)"), "Pages": mark("Pages (a range)"), "Current Page": mark("Current Page"),
    "Selection": mark("Selection"), "Page &Set:": mark("Page &Set:"), "All Pages": mark("All Pages"), "Even Pages": mark("Even Pages"),
    "Odd Pages": mark("Odd Pages"), "Output Settings": mark("Output Settings"), "Collate": mark("Collate"), "Reverse": mark("Reverse"),
    "Color Mode": mark("Color Mode"), "Color": mark("Color"), "Grayscale": mark("Grayscale"),
    "Double Sided Printing": mark("Double Sided Printing"), "Off": mark("Off"), "Long side binding": mark("Long side binding"),
    "Short side binding": mark("Short side binding"),
    "%1 already exists.\nDo you want to overwrite it?": mark("%1 already exists.\nDo you want to overwrite it?"),
    "%1 is a directory.\nPlease choose a different file name.": mark("%1 is a directory.\nPlease choose a different file name."),
    "File %1 is not writable.\nPlease choose a different file name.":
        mark("File %1 is not writable.\nPlease choose a different file name."),
}
#: Qt's class that says it → its words.
_WORDS = {
    **dict.fromkeys(("QFileDialog", "QFileSystemModel", "QAbstractFileIconProvider", "QPlatformTheme"), _FILES),
    **dict.fromkeys(("QLineEdit", "QWidgetTextControl", "QTabBar"), _TEXTS),
    **dict.fromkeys(("QPrintDialog", "QPrintWidget", "QPrintSettingsOutput"), _PRINTS),
}


class QtWords(QTranslator):
    """Answers Qt's questions for its own words; what is not in the table stays as Qt has it."""

    def isEmpty(self) -> bool:
        """Say that there is something to ask for (Qt)."""
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """Return a word of Qt's in the language in use, None for one that is not ours (Qt)."""
        if i18n.language() == "en":
            return None
        word = _WORDS.get(context, {}).get(source)
        return t(word) if word is not None else None
