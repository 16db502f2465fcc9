// SPDX-License-Identifier: MIT
//
// Runs an onnx pack through ONNX Runtime and writes its answers:
//   NODE_PATH=.../node_modules node tests/packs/pack_ort.cjs PACK ANSWERS
// Run it again until it ends by itself: a case that ends the process is left
// without an answer.  Then: deconform judge PACK --answers ANSWERS
const fs = require('fs');
const ort = require('onnxruntime-node');
const types = {1: 'float32', 10: 'float16', 11: 'float64'};
const sizes = {float32: 4, float16: 2, float64: 8};

// The three fields of a TensorProto that a pack uses.
function read(file) {
  const b = fs.readFileSync(file), t = {dims: []};
  for (let at = 0; at < b.length;) {
    const varint = () => {
      let v = 0, s = 1;
      for (;; s *= 128) { v += (b[at] & 127) * s; if (b[at++] < 128) return v; }
    };
    const key = varint(), v = varint();
    if (key === 8) t.dims.push(v);
    if (key === 16) t.type = v;
    if (key % 8 === 2) { if (key === 74) t.raw = b.subarray(at, at + v); at += v; }
  }
  return t;
}

function tensor(t) {
  const type = types[t.type];
  if (!type) throw new Error('type ' + t.type + ' is not in this runtime');
  const a = {float32: Float32Array, float64: Float64Array}[type] ||
      globalThis.Float16Array || Uint16Array;
  const raw = new Uint8Array(t.raw);
  return new ort.Tensor(type, new a(raw.buffer, 0, raw.length / sizes[type]), t.dims);
}

function write(file, y) {
  const varint = (v) => { const o = []; for (; v > 127; v = Math.floor(v / 128)) o.push(v % 128 + 128); o.push(v); return o; };
  const raw = Buffer.from(y.data.buffer, y.data.byteOffset, y.data.byteLength);
  const type = Object.keys(types).find((k) => types[k] === y.type);
  const head = y.dims.flatMap((d) => [8, ...varint(d)]).concat([16, ...varint(+type), 74, ...varint(raw.length)]);
  fs.writeFileSync(file, Buffer.concat([Buffer.from(head), raw]));
}

(async () => {
  const [pack, out] = process.argv.slice(2);
  fs.mkdirSync(out, {recursive: true});
  const text = (name) => fs.existsSync(out + name) ? fs.readFileSync(out + name, 'utf8') : '';
  const done = new Set((text('/unsupported') + text('/.begun')).split('\n').map((l) => l.split(' ')[0]));
  for (const line of fs.readFileSync(pack + '/cases.jsonl', 'utf8').trim().split('\n')) {
    const id = JSON.parse(line).id, dir = `${pack}/tensors/${id}`;
    if (done.has(id)) continue;
    fs.appendFileSync(out + '/.begun', id + '\n');
    try {
      const session = await ort.InferenceSession.create(dir + '/model.onnx', {logSeverityLevel: 4});
      const feeds = {};
      session.inputNames.forEach((name, k) => { feeds[name] = tensor(read(`${dir}/test_data_set_0/input_${k}.pb`)); });
      const y = (await session.run(feeds)).Y;
      fs.mkdirSync(`${out}/${id}/test_data_set_0`, {recursive: true});
      write(`${out}/${id}/test_data_set_0/output_0.pb`, y);
      await session.release();
    } catch (error) {
      fs.appendFileSync(out + '/unsupported', `${id} ${String(error.message).replace(/\s+/g, ' ').slice(0, 300)}\n`);
    }
  }
})();
