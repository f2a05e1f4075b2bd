// Uploads a file by the public tus-js-client; gives up after `abortAfter` bytes, then goes on as a later run would.
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const job = JSON.parse(process.argv[2]);
const data = readFileSync(job.file);
const seen = [];

function upload(more) {
  return new Promise((resolve, reject) => {
    const one = new Upload(data, {
      endpoint: job.endpoint, metadata: { sha256: job.sha256, filename: "foto.jpg" }, chunkSize: job.chunkSize ?? Infinity,
      headers: { Authorization: `Bearer ${job.token}` }, retryDelays: null, uploadDataDuringCreation: job.withUpload ?? false,
      onAfterResponse: (request, response) => {
        seen.push([request.getMethod(), response.getStatus(), response.getHeader("Upload-Offset") ?? null]);
      },
      onError: reject,
      onSuccess: () => resolve(one.url),
      onChunkComplete: (_, accepted) => {
        if (more.abortAfter && accepted >= more.abortAfter && accepted < data.length) {
          one.abort().then(() => resolve(one.url));
        }
      },
      ...(more.url ? { uploadUrl: more.url } : {}),
    });
    one.start();
  });
}

let url = await upload({ abortAfter: job.abortAfter });
if (job.abortAfter) url = await upload({ url });
console.log(JSON.stringify({ url, seen }));
