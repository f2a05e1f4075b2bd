// The public @tus/server over a folder, under the address and with the mark that a server of ours has.
import { createServer } from "node:http";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const [folder] = process.argv.slice(2);
const tus = new Server({ path: "/v1/blobs", datastore: new FileStore({ directory: folder }) });
const server = createServer((request, response) => {
  response.setHeader("X-Asesor", "1");
  return tus.handle(request, response);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
