"""The secretariat's pages: accounts, devices, instruments, documents, visits and results, in a browser without scripts."""
