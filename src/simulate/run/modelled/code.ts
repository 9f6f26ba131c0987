/**
 * Texts for interpreters. They are not simulated, but some can be seen to do nothing but tell something: when all the
 * names in them are among those that only read. Anything else may write anywhere.
 */
const READING: Readonly<Record<string, RegExp>> = {
  php: /^(?:echo|print|exit|die|if|else|PHP_\w+|ini_get|phpversion|php_uname|php_sapi_name|extension_loaded|function_exists|class_exists|version_compare|var_dump|print_r|printf|implode|join|sys_get_temp_dir|curl_version|gd_info|json_encode|intval|strlen|true|false|null|DIRECTORY_SEPARATOR|ZEND_\w+|get_loaded_extensions|zend_version)$/i,
  python:
    /^(?:import|from|as|print|for|in|if|else|not|and|or|None|True|False|len|str|int|repr|assert|exit|join|format|version|version_info|sys(?:\.(?:version(?:_info)?(?:\.\w+|\[\d\])*|path|prefix|base_prefix|exec_prefix|executable|platform|maxsize|byteorder|exit|implementation\.\w+|abiflags))?|os(?:\.(?:path\.(?:join|dirname|basename|abspath|exists)|sep|cpu_count|uname))?|site(?:\.(?:getsitepackages|getusersitepackages|getuserbase|USER_BASE|USER_SITE))?|sysconfig(?:\.(?:get_path|get_paths|get_config_var|get_config_vars|get_platform|get_python_version))?|distutils(?:\.sysconfig)?(?:\.get_python_lib)?|get_python_lib|platform(?:\.\w+)?|struct(?:\.calcsize)?|ssl(?:\.OPENSSL_VERSION)?|sqlite3(?:\.sqlite_version)?|zlib|bz2|lzma|ctypes|readline|curses|tkinter|json(?:\.dumps)?|glob(?:\.glob)?|hashlib)$/,
  perl: /^(?:print|say|exit|use|require|defined|version|VERSION|Config|config|strict|warnings|join|sprintf|printf)(?:::\w+)*$|^\w+::VERSION$/,
  ruby: /^(?:puts|print|p|exit|require|Gem(?:\.(?:dir|user_dir|default_dir|path|ruby_version|bindir|extension_api_version|platforms|win_platform\?))?|RUBY_\w+|RbConfig(?:::CONFIG)?|OpenSSL(?:::\w+)*|defined|Etc(?:\.nprocessors)?)$/,
  node: /^(?:console\.log|process(?:\.\w+)*|require(?:\.resolve)?|const|let|var|JSON\.stringify|os(?:\.\w+)?|path(?:\.\w+)?|join|version|packageManager|engines(?:\.\w+)*|name|dependencies(?:\.\w+)*|split|true|false)$/,
  erl: /^(?:ok|crypto(?::(?:start|supports|info_lib))?|io(?::(?:format|fwrite|put_chars))?|ssl(?::versions)?|init(?::stop)?|halt|erlang(?::(?:system_info|halt))?|otp_release|system_version|code(?::(?:root_dir|lib_dir))?|true|false)$/,
  R: /^(?:sessionInfo|library|require|requireNamespace|suppressPackageStartupMessages|print|R\.version(?:\.string)?|packageVersion|installed\.packages|Sys\.info|Sys\.getenv|capabilities|extSoftVersion|La_library|stopifnot|quietly|TRUE|FALSE|T|F|quit|q|status|character\.only|nchar|\.libPaths|\.Library|R\.home|version)$/,
  java: /^(?:System\.(?:out\.println|out\.print|getProperty|exit)|Runtime\.version|Runtime\.getRuntime|availableProcessors|maxMemory)$/,
};

const STRINGS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
/** What runs or computes text within text, or hands it elsewhere. */
const HIDDEN = /`|#\{|@\{|\$\{|>{2}|\bqx\b/;

/** A text in the language that certainly only reads and prints. */
export function readsOnly(language: string, text: string): boolean {
  const names = READING[language];
  if (!names || HIDDEN.test(text)) return false;
  const bare = text.replace(STRINGS, '""');
  const words = bare.match(/\.?[A-Za-z_][\w.:?]*/g) ?? [];
  return words.every((word) => names.test(word.replace(/[.:?]+$/, '')) || isPart(word, names));
}

/** `.version` of what a call gave. */
function isPart(word: string, names: RegExp): boolean {
  return word.startsWith('.') && names.test(word.slice(1));
}
