import type { Described } from './described';

const JAVA =
  'jar jarsigner java javac javadoc javap jcmd jconsole jdb jdeps jhsdb jimage jlink jmap jmod jps jshell jstack jstat keytool rmiregistry serialver';

const APACHE_MODULES =
  'alias auth_basic authz_core deflate env expires filter headers http2 mime mpm_event mpm_prefork mpm_worker proxy proxy_http proxy_fcgi proxy_wstunnel remoteip reqtimeout rewrite setenvif socache_shmcb ssl status userdir vhost_alias';

/** What comes on top of a family in images that people stand on, by its usual places. */
export const PARTS = {
  /** `buildpack-deps:curl`. */
  curl: {
    programs: { '/usr/bin': 'curl wget gpg gpgconf gpg-agent dirmngr gpgv openssl' },
    folders: { '/etc/ssl/certs': 0o755, '/usr/local/share/ca-certificates': 0o755 },
    files: { '/etc/ssl/certs/ca-certificates.crt': '' },
  },
  scm: {
    programs: {
      '/usr/bin': 'git git-shell hg svn ssh ssh-keygen ssh-keyscan scp sftp ps top free pgrep pkill',
    },
  },
  compilers: {
    programs: {
      '/usr/bin':
        'gcc g++ cc c++ cpp ld ar as nm ranlib strip objcopy objdump make patch autoconf automake libtoolize pkg-config m4 bzip2 bunzip2 xz unxz xzcat unzip file mysql_config pg_config perl python3 imagemagick convert dpkg-buildpackage dpkg-architecture mariadb_config',
    },
  },
  node: {
    programs: {
      '/usr/local/bin': 'node docker-entrypoint.sh',
      '/usr/local/lib/node_modules/npm/bin': 'npm-cli.js npx-cli.js',
      '/usr/local/lib/node_modules/corepack/dist': 'corepack.js',
      '/opt/yarn-v1.22.22/bin': 'yarn yarnpkg',
    },
    links: {
      '/usr/local/bin/nodejs': '/usr/local/bin/node',
      '/usr/local/bin/npm': '../lib/node_modules/npm/bin/npm-cli.js',
      '/usr/local/bin/npx': '../lib/node_modules/npm/bin/npx-cli.js',
      '/usr/local/bin/corepack': '../lib/node_modules/corepack/dist/corepack.js',
      '/usr/local/bin/yarn': '/opt/yarn-v1.22.22/bin/yarn',
      '/usr/local/bin/yarnpkg': '/opt/yarn-v1.22.22/bin/yarnpkg',
    },
    users: ['node:1000:1000:/home/node:/bin/bash'],
    env: ['NODE_VERSION=22.9.0', 'YARN_VERSION=1.22.22'],
  },
  python: {
    programs: { '/usr/local/bin': 'python3.12 pip pip3 pip3.12 idle3.12 pydoc3.12 python3.12-config' },
    links: {
      '/usr/local/bin/python': 'python3',
      '/usr/local/bin/python3': 'python3.12',
      '/usr/local/bin/python-config': 'python3-config',
      '/usr/local/bin/python3-config': 'python3.12-config',
    },
    folders: { '/usr/local/lib/python3.12/site-packages': 0o755 },
    env: ['LANG=C.UTF-8', 'PYTHON_VERSION=3.12.6'],
  },
  go: {
    programs: { '/usr/local/go/bin': 'go gofmt' },
    folders: { '/go': 0o1777, '/go/src': 0o1777, '/go/bin': 0o1777, '/usr/local/go/src': 0o755 },
    env: [
      'GOLANG_VERSION=1.23.1',
      'GOTOOLCHAIN=local',
      'GOPATH=/go',
      'PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ],
  },
  ruby: {
    programs: { '/usr/local/bin': 'ruby gem bundle bundler rake irb rdoc ri erb racc rbs' },
    folders: { '/usr/local/bundle': 0o1777, '/usr/local/etc': 0o755 },
    files: { '/usr/local/etc/gemrc': 'install: --no-document\nupdate: --no-document\n' },
    env: [
      'LANG=C.UTF-8',
      'RUBY_VERSION=3.3.5',
      'GEM_HOME=/usr/local/bundle',
      'BUNDLE_SILENCE_ROOT_WARNING=1',
      'BUNDLE_APP_CONFIG=/usr/local/bundle',
      'PATH=/usr/local/bundle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ],
  },
  php: {
    programs: {
      '/usr/local/bin':
        'php phpize php-config php-cgi phpdbg phar phar.phar pecl pear peardev docker-php-entrypoint docker-php-ext-install docker-php-ext-configure docker-php-ext-enable docker-php-source',
    },
    folders: {
      '/usr/local/etc/php/conf.d': 0o755,
      '/usr/local/lib/php/extensions': 0o755,
      '/var/www/html': 0o1777,
      '/usr/src': 0o755,
    },
    files: {
      '/usr/local/etc/php/php.ini-development': '; PHP\n',
      '/usr/local/etc/php/php.ini-production': '; PHP\n',
      '/usr/src/php.tar.xz': '',
    },
    env: [
      'PHPIZE_DEPS=autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c',
      'PHP_INI_DIR=/usr/local/etc/php',
      'PHP_VERSION=8.3.12',
    ],
  },
  fpm: {
    programs: { '/usr/local/sbin': 'php-fpm' },
    files: {
      '/usr/local/etc/php-fpm.conf': 'include=etc/php-fpm.d/*.conf\n',
      '/usr/local/etc/php-fpm.d/docker.conf':
        '[global]\nerror_log = /proc/self/fd/2\n[www]\naccess.log = /proc/self/fd/2\nclear_env = no\n',
      '/usr/local/etc/php-fpm.d/www.conf':
        '[www]\nuser = www-data\ngroup = www-data\nlisten = 127.0.0.1:9000\npm = dynamic\npm.max_children = 5\n',
      '/usr/local/etc/php-fpm.d/www.conf.default':
        '[www]\nuser = www-data\ngroup = www-data\nlisten = 127.0.0.1:9000\n',
      '/usr/local/etc/php-fpm.d/zz-docker.conf': '[global]\ndaemonize = no\n[www]\nlisten = 9000\n',
    },
  },
  apache: {
    programs: {
      '/usr/sbin': 'apache2 apachectl apache2ctl a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf',
      '/usr/local/bin': 'apache2-foreground',
    },
    files: {
      ...Object.fromEntries(
        APACHE_MODULES.split(' ').map((name) => [
          `/etc/apache2/mods-available/${name}.load`,
          `LoadModule ${name}_module mod_${name}.so\n`,
        ]),
      ),
      '/etc/apache2/apache2.conf':
        'ServerRoot "/etc/apache2"\nUser ${APACHE_RUN_USER}\n<Directory /var/www/>\n\tOptions Indexes FollowSymLinks\n\tAllowOverride None\n\tRequire all granted\n</Directory>\n',
      '/etc/apache2/envvars': 'export APACHE_RUN_USER=www-data\nexport APACHE_RUN_GROUP=www-data\n',
      '/etc/apache2/ports.conf': 'Listen 80\n\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n',
      '/etc/apache2/sites-available/000-default.conf':
        '<VirtualHost *:80>\n\tServerAdmin webmaster@localhost\n\tDocumentRoot /var/www/html\n\tErrorLog ${APACHE_LOG_DIR}/error.log\n</VirtualHost>\n',
      '/etc/apache2/sites-available/default-ssl.conf':
        '<VirtualHost *:443>\n\tDocumentRoot /var/www/html\n</VirtualHost>\n',
      '/etc/apache2/conf-available/security.conf': 'ServerTokens OS\nServerSignature On\n',
      '/etc/apache2/conf-available/docker-php.conf':
        '<FilesMatch \\.php$>\n\tSetHandler application/x-httpd-php\n</FilesMatch>\n',
    },
    links: { '/etc/apache2/sites-enabled/000-default.conf': '../sites-available/000-default.conf' },
    folders: {
      '/etc/apache2/conf-enabled': 0o755,
      '/etc/apache2/mods-available': 0o755,
      '/etc/apache2/mods-enabled': 0o755,
      '/var/log/apache2': 0o755,
      '/var/run/apache2': 0o755,
      '/var/lock/apache2': 0o755,
    },
    env: ['APACHE_CONFDIR=/etc/apache2', 'APACHE_ENVVARS=/etc/apache2/envvars'],
  },
  rust: {
    programs: {
      '/usr/local/cargo/bin': 'cargo rustc rustup rustfmt rustdoc clippy-driver cargo-clippy cargo-fmt',
    },
    folders: { '/usr/local/rustup': 0o777, '/usr/local/cargo': 0o777 },
    env: [
      'RUSTUP_HOME=/usr/local/rustup',
      'CARGO_HOME=/usr/local/cargo',
      'PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'RUST_VERSION=1.81.0',
    ],
  },
  java: {
    programs: { '/opt/java/openjdk/bin': JAVA },
    folders: { '/opt/java/openjdk/lib/security': 0o755, '/opt/java/openjdk/jre': 0o755 },
    files: {
      '/opt/java/openjdk/lib/security/cacerts': '',
      '/opt/java/openjdk/release': 'JAVA_VERSION="17.0.12"\n',
    },
    env: [
      'JAVA_HOME=/opt/java/openjdk',
      'JAVA_VERSION=jdk-17.0.12+7',
      'PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ],
  },
  maven: {
    programs: { '/usr/bin': 'mvn', '/usr/share/maven/bin': 'mvn', '/usr/local/bin': 'mvn-entrypoint.sh' },
    env: ['MAVEN_HOME=/usr/share/maven', 'MAVEN_CONFIG=/root/.m2'],
  },
  gradle: {
    programs: { '/usr/bin': 'gradle unzip', '/opt/gradle/bin': 'gradle' },
    users: ['gradle:1001:1001:/home/gradle:/bin/bash'],
    env: ['GRADLE_HOME=/opt/gradle'],
  },
  dotnet: {
    programs: { '/usr/share/dotnet': 'dotnet' },
    links: { '/usr/bin/dotnet': '/usr/share/dotnet/dotnet' },
    users: ['app:1654:1654:/home/app:/bin/sh'],
    env: ['APP_UID=1654', 'DOTNET_RUNNING_IN_CONTAINER=true', 'DOTNET_VERSION=8.0.8'],
  },
  nginx: {
    programs: { '/usr/sbin': 'nginx nginx-debug' },
    folders: {
      '/var/cache/nginx': 0o755,
      '/var/log/nginx': 0o755,
      '/docker-entrypoint.d': 0o755,
      '/usr/lib/nginx/modules': 0o755,
      '/var/run': 0o755,
    },
    files: {
      '/docker-entrypoint.sh': '#!/bin/sh\nexec "$@"\n',
      '/etc/nginx/nginx.conf':
        '\nuser  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /var/run/nginx.pid;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    include       /etc/nginx/mime.types;\n    keepalive_timeout  65;\n    include /etc/nginx/conf.d/*.conf;\n}\n',
      '/etc/nginx/conf.d/default.conf':
        'server {\n    listen       80;\n    server_name  localhost;\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n',
      '/etc/nginx/mime.types': 'types {\n    text/html html htm shtml;\n}\n',
      '/etc/nginx/fastcgi_params': '',
      '/usr/share/nginx/html/index.html': '<!DOCTYPE html>\n',
      '/usr/share/nginx/html/50x.html': '<!DOCTYPE html>\n',
    },
    users: ['nginx:101:101:/nonexistent:/bin/false'],
    env: ['NGINX_VERSION=1.27.1'],
  },
  httpd: {
    programs: { '/usr/local/apache2/bin': 'httpd apachectl htpasswd', '/usr/local/bin': 'httpd-foreground' },
    files: {
      '/usr/local/apache2/conf/httpd.conf':
        'ServerRoot "/usr/local/apache2"\nListen 80\n#LoadModule rewrite_module modules/mod_rewrite.so\nUser www-data\n',
      '/usr/local/apache2/htdocs/index.html': '<html></html>\n',
    },
    env: [
      'HTTPD_PREFIX=/usr/local/apache2',
      'PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ],
  },
  postgres: {
    programs: {
      '/usr/lib/postgresql/16/bin': 'postgres initdb pg_ctl pg_config',
      '/usr/local/bin': 'docker-entrypoint.sh gosu',
      '/usr/bin': 'psql pg_dump pg_config',
    },
    folders: { '/docker-entrypoint-initdb.d': 0o755, '/var/lib/postgresql/data': 0o777 },
    files: {
      '/usr/share/postgresql/postgresql.conf.sample':
        "#listen_addresses = 'localhost'\n#shared_preload_libraries = ''\n",
    },
    users: ['postgres:999:999:/var/lib/postgresql:/bin/bash'],
    env: [
      'PG_MAJOR=16',
      'PG_VERSION=16.4',
      'PGDATA=/var/lib/postgresql/data',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/16/bin',
    ],
  },
  database: {
    programs: {
      '/usr/bin': 'mysql mysqld mysqladmin mongod mongo redis-server redis-cli',
      '/usr/local/bin': 'docker-entrypoint.sh gosu redis-server redis-cli',
    },
    folders: {
      '/docker-entrypoint-initdb.d': 0o755,
      '/etc/mysql/conf.d': 0o755,
      '/var/lib/mysql': 0o755,
      '/data': 0o755,
    },
    users: [
      'mysql:999:999:/var/lib/mysql:/bin/bash',
      'redis:998:998:/home/redis:/bin/sh',
      'mongodb:997:997:/data/db:/bin/sh',
    ],
  },
  composer: { programs: { '/usr/bin': 'composer', '/usr/local/bin': 'php' } },
  docker: {
    programs: {
      '/usr/local/bin':
        'docker docker-entrypoint.sh dockerd dockerd-entrypoint.sh docker-init docker-proxy modprobe dind containerd runc',
    },
    folders: { '/certs/client': 0o1777 },
  },
  conda: {
    programs: { '/opt/conda/bin': 'conda mamba python python3 pip pip3 activate deactivate' },
    env: ['PATH=/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  },
  rabbitmq: {
    programs: { '/opt/rabbitmq/sbin': 'rabbitmq-plugins rabbitmqctl rabbitmq-server' },
    folders: { '/etc/rabbitmq/conf.d': 0o777, '/opt/rabbitmq/plugins': 0o755 },
    users: ['rabbitmq:999:999:/var/lib/rabbitmq:/bin/bash'],
    env: [
      'PATH=/opt/rabbitmq/sbin:/opt/erlang/bin:/opt/openssl/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'RABBITMQ_HOME=/opt/rabbitmq',
    ],
  },
  tomcat: {
    programs: { '/usr/local/tomcat/bin': 'catalina.sh startup.sh' },
    folders: {
      '/usr/local/tomcat/webapps': 0o755,
      '/usr/local/tomcat/conf': 0o755,
      '/usr/local/tomcat/lib': 0o755,
    },
    files: { '/usr/local/tomcat/conf/server.xml': '<Server/>\n' },
    env: ['CATALINA_HOME=/usr/local/tomcat'],
  },
  cloudSdk: { programs: { '/usr/bin': 'gcloud gsutil bq kubectl docker' } },
  sourceToImage: {
    programs: { '/usr/bin': 'fix-permissions rpm-file-permissions base-usage container-entrypoint' },
    folders: { '/opt/app-root/src': 0o755, '/opt/app-root/bin': 0o755, '/usr/libexec/s2i': 0o755 },
    users: ['default:1001:0:/opt/app-root/src:/sbin/nologin'],
    env: [
      'STI_SCRIPTS_PATH=/usr/libexec/s2i',
      'APP_ROOT=/opt/app-root',
      'HOME=/opt/app-root/src',
      'PATH=/opt/app-root/src/bin:/opt/app-root/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ],
  },
  sudo: {
    programs: { '/usr/bin': 'sudo' },
    folders: { '/etc/sudoers.d': 0o750 },
    files: { '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n' },
  },
} as const satisfies Record<string, Described>;

export type Part = keyof typeof PARTS;
