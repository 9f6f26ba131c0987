#!/usr/bin/env python3
"""Records what a real builder makes of golden cases: writes expected.json for each NAME into SET.

    record.py [--work FOLDER] [--stubs REAL.tar SKELETON.tar]... SET NAME... -- DOCKER...

DOCKER is a command such as `docker`, or `env DOCKER_BUILDKIT=0 docker` for the classic builder; its daemon has to hold
bb:1 and deb:12. --work is where contexts are made, for a daemon that sees only some folders. --stubs writes files of the
full bases as those in cases/bases have them. The forms are described in cases/README.md."""
import argparse, base64, hashlib, io, json, os, re, shutil, subprocess, sys, tarfile, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SETS = ['cases', 'run-cases', 'overlay2', 'classic']
CONFIG = ['Env', 'Cmd', 'Entrypoint', 'User', 'WorkingDir', 'ExposedPorts', 'Volumes', 'Labels', 'OnBuild', 'Shell',
          'StopSignal', 'Healthcheck']
TYPES = {tarfile.REGTYPE: 'file', tarfile.AREGTYPE: 'file', tarfile.DIRTYPE: 'dir', tarfile.SYMTYPE: 'symlink',
         tarfile.LNKTYPE: 'hardlink', tarfile.CHRTYPE: 'char', tarfile.BLKTYPE: 'block', tarfile.FIFOTYPE: 'fifo'}
DEPENDS_ON_DAY = {'/etc/shadow', '/etc/shadow-'}
LARGEST_READ = 32 << 20  # A larger blob can only be the layer of a base.


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--work')
    parser.add_argument('--stubs', nargs=2, action='append', default=[])
    parser.add_argument('set')
    parser.add_argument('names', nargs='+')
    at = sys.argv.index('--')
    options = parser.parse_args(sys.argv[1:at])
    docker = sys.argv[at + 1:]
    stubs = {real: cut for pair in options.stubs for real, cut in stub_map(*pair).items()}
    for name in options.names:
        expected = record(name, docker, options.work, stubs)
        folder = os.path.join(HERE, options.set, name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, 'expected.json'), 'w') as out:
            out.write(printed(expected))
        print(name, expected.get('error', 'built'), flush=True)


def definition(name):
    """A set may leave out the definition of a case that another set has."""
    for other in SETS:
        file = os.path.join(HERE, other, name, 'case.json')
        if os.path.exists(file):
            with open(file) as opened:
                return json.load(opened)
    raise SystemExit('Cannot find the definition of "%s": no set has %s/case.json' % (name, name))


def record(name, docker, work, stubs):
    case = definition(name)
    context = tempfile.mkdtemp(prefix='golden-', dir=work)
    tag = 'golden-' + os.path.basename(context).lower().replace('_', '-').strip('-')
    try:
        materialize(case, context)
        args = [part for pair in (case.get('buildArgs') or {}).items() for part in ('--build-arg', '%s=%s' % pair)]
        args += ['--target', case['target']] if case.get('target') else []
        args += ['--progress', 'plain'] if 'DOCKER_BUILDKIT=0' not in docker else []
        built = subprocess.run([*docker, 'build', '--no-cache', '--network', 'none', '-t', tag, *args, context],
                               capture_output=True, text=True, errors='replace')
        if built.returncode != 0:
            return {'error': last_words(built.stderr)}
        result = read_image([*docker, 'save', tag], stubs)
        subprocess.run([*docker, 'rmi', tag], capture_output=True)
        return result
    finally:
        shutil.rmtree(context)


def last_words(text):
    """The sentence the builder ends with, without what depends on the machine."""
    lines = [line for line in text.splitlines() if line.strip() and 'DEPRECATED' not in line and 'legacy builder' not in line]
    errors = [line for line in lines if line.startswith('ERROR:')]
    words = (errors or lines or ['failed'])[-1].replace('ERROR: failed to build: failed to solve: ', '').strip()
    return re.sub(r'of ref \S+: ', 'of ref: ', re.sub(r'/\S*/merged/', '<rootfs>/', words))


def materialize(case, context):
    os.umask(0o022)
    files = [dict(path='Dockerfile', type='file', text=case['dockerfile'], mode='0644')] + case.get('files', [])
    # A hard link needs the file that it is a name of.
    files.sort(key=lambda file: file['type'] == 'hardlink')
    for file in files:
        place = os.path.join(context, file['path'])
        if file['type'] == 'dir':
            os.makedirs(place, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if file['type'] == 'symlink':
            os.symlink(file['linkname'], place)
            continue
        if file['type'] == 'hardlink':
            os.link(os.path.join(context, file['linkname']), place)
            continue
        with open(place, 'wb') as out:
            out.write(base64.b64decode(file['base64']) if 'base64' in file else file.get('text', '').encode())
    for file in sorted(files, key=lambda item: -item['path'].count('/')):
        if file['type'] in ('file', 'dir'):
            os.chmod(os.path.join(context, file['path']), int(file.get('mode', '0755' if file['type'] == 'dir' else '0644'), 8))
    # A builder takes two files of one path, size and time for the same, so the time comes from the content.
    for root, folders, names in os.walk(context, topdown=False):
        for name in folders + names:
            place, time = os.path.join(root, name), 1577836800
            if os.path.isfile(place) and not os.path.islink(place):
                with open(place, 'rb') as opened:
                    time += int(hashlib.sha256(opened.read()).hexdigest()[:7], 16) % 100000000
            os.utime(place, (time, time), follow_symlinks=False)


def read_image(save, stubs):
    blobs = {}
    with subprocess.Popen(save, stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode='r|') as archive:
            for member in archive:
                if member.issym():
                    blobs[os.path.normpath(member.name)] = os.path.normpath(os.path.join(os.path.dirname(member.name), member.linkname))
                elif member.isfile():
                    blobs[os.path.normpath(member.name)] = archive.extractfile(member).read() if member.size < LARGEST_READ else None
        process.stdout.read()
    manifest = json.loads(blobs['manifest.json'])[0]
    config = json.loads(blobs[manifest['Config']])
    history = config.get('history') or []
    made = [line for line in history if not line.get('empty_layer')]
    layers = []
    for index, name in enumerate(manifest['Layers']):
        blob = blobs[name]
        while isinstance(blob, str):
            blob = blobs[blob]
        layer = {'created_by': made[index].get('created_by', '') if index < len(made) else ''}
        found = None if blob is None else entries(blob, stubs)
        paths = {entry['path'] for entry in found or []}
        if found is None or (index == 0 and '/bin/busybox' in paths and '/opt/base/suid' in paths):
            layers.append({**layer, 'base': True})
        else:
            layers.append({**layer, 'entries': found})
    own = config.get('config') or {}
    return {
        'config': {key: own[key] for key in CONFIG if own.get(key) not in (None, '', [], {})},
        'history': [{key: line[key] for key in ('created_by', 'empty_layer', 'comment') if line.get(key)} for line in history],
        'layers': layers,
    }


def entries(blob, stubs):
    found = []
    with tarfile.open(fileobj=io.BytesIO(blob)) as archive:
        for member in archive:
            path = '/' + os.path.normpath(member.name).lstrip('/')
            folder, name = os.path.split(path)
            if path == '/.':
                continue
            if name == '.wh..wh..opq':
                found.append({'path': folder, 'type': 'opaque'})
                continue
            if name.startswith('.wh.'):
                found.append({'path': os.path.join(folder, name[4:]), 'type': 'whiteout'})
                continue
            entry = {'path': path, 'type': TYPES[member.type], 'mode': '%04o' % (member.mode & 0o7777), 'uid': member.uid, 'gid': member.gid}
            if entry['type'] == 'file':
                sha256 = hashlib.sha256(archive.extractfile(member).read()).hexdigest()
                entry['size'], entry['sha256'] = stubs.get((member.size, sha256), (member.size, sha256))
                if path in DEPENDS_ON_DAY:
                    del entry['sha256']
            if entry['type'] == 'symlink':
                entry['linkname'] = member.linkname
            if entry['type'] == 'hardlink':
                entry['linkname'] = '/' + os.path.normpath(member.linkname).lstrip('/')
            if entry['type'] in ('char', 'block'):
                entry['dev'] = [member.devmajor, member.devminor]
            found.append(entry)
    return sorted(found, key=lambda entry: (entry['path'], entry['type']))


def stub_map(real, skeleton):
    """(size, sum) in the full image → (size, sum) in the skeleton, where they differ."""
    full, cut = files_of(tarfile.open(real)), files_of(skeleton_layer(skeleton))
    return {full[path]: cut[path] for path in full.keys() & cut.keys() if full[path] != cut[path]}


def skeleton_layer(skeleton):
    with tarfile.open(skeleton) as image:
        layer = json.load(image.extractfile('manifest.json'))[0]['Layers'][0]
        return tarfile.open(fileobj=io.BytesIO(image.extractfile(layer).read()), mode='r:*')


def files_of(archive):
    return {os.path.normpath('/' + member.name): (member.size, hashlib.sha256(archive.extractfile(member).read()).hexdigest())
            for member in archive if member.isfile()}


def printed(expected):
    """One entry a line: differences stay readable."""
    if 'error' in expected:
        return json.dumps(expected, ensure_ascii=False) + '\n'
    lines = ['{', ' "config": %s,' % json.dumps(expected['config'], sort_keys=True), ' "history": [']
    lines += [',\n'.join('  ' + json.dumps(line) for line in expected['history']), ' ],', ' "layers": [']
    layers = []
    for layer in expected['layers']:
        text = '  {' + ', '.join('%s: %s' % (json.dumps(key), json.dumps(value)) for key, value in layer.items() if key != 'entries')
        if layer.get('entries'):
            text += ', "entries": [\n' + ',\n'.join('    ' + json.dumps(entry, ensure_ascii=False) for entry in layer['entries']) + '\n  ]'
        elif 'entries' in layer:
            text += ', "entries": []'
        layers.append(text + '}')
    return '\n'.join(lines + [',\n'.join(layers), ' ]', '}', ''])


main()
