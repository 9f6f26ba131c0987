import type { Command } from '../command';
import { tool } from './tool';

const SETS = 'what it writes is not known';

/** Clients of clouds and clusters: their settings at home, plugins, and files that they are told to write. */
export const CLOUDS: Readonly<Record<string, Command>> = {
  aws: tool({ writes: ['$AWS_CONFIG_FILE:~/.aws', '~/.aws', '.'], asks: /^(?:|help|sts)$/, what: SETS }),
  az: tool({
    writes: ['$AZURE_CONFIG_DIR:~/.azure', '~/.azure', '$AZURE_EXTENSION_DIR:/opt/az', '/usr/local/bin', '.'],
    asks: /^(?:|version|help|find)$/,
    outputs: 'install-location',
    what: SETS,
  }),
  gcloud: tool({
    writes: [
      '~/.config/gcloud',
      '~/.kube',
      '~/.docker',
      '/usr/lib/google-cloud-sdk',
      '/google-cloud-sdk',
      '/usr/local/gcloud',
      '/opt/google-cloud-sdk',
      '~/google-cloud-sdk',
      '/usr/local/google-cloud-sdk',
      '/builder/google-cloud-sdk',
      '/tmp',
    ],
    asks: /^(?:|help|info|version)$/,
    what: SETS,
  }),
  gsutil: tool({ writes: ['~/.gsutil', '.'], asks: /^(?:|ls|stat|version|help|cat)$/, what: SETS }),
  kubectl: tool({
    writes: ['~/.kube'],
    asks: /^(?:|version|help|completion|explain|api-resources)$/,
    what: SETS,
  }),
  kustomize: tool({ writes: ['.'], outputs: 'o output', asks: /^(?:|version|help)$/, what: SETS }),
  helm: tool({
    writes: [
      '$HELM_DATA_HOME:~/.local/share/helm',
      '$HELM_CACHE_HOME:~/.cache/helm',
      '$HELM_CONFIG_HOME:~/.config/helm',
      '~/.helm',
      '.',
      '/tmp',
    ],
    outputs: 'd destination untardir',
    asks: /^(?:|version|help|env|completion|search|show)$/,
    what: SETS,
  }),
  terraform: tool({
    writes: ['.', '~/.terraform.d', '$TF_PLUGIN_CACHE_DIR:~/.terraform.d'],
    asks: /^(?:|version|validate|show|output|providers)$/,
    what: SETS,
  }),
  tofu: tool({ writes: ['.', '~/.terraform.d'], asks: /^(?:|version|validate|show|output)$/, what: SETS }),
  packer: tool({
    writes: ['.', '~/.packer.d', '~/.config/packer'],
    asks: /^(?:|version|validate|inspect)$/,
    what: SETS,
  }),
  'ansible-galaxy': tool({
    writes: ['~/.ansible', '/usr/share/ansible', '/etc/ansible', '.', '/tmp'],
    outputs: 'p roles-path collections-path',
    asks: /^(?:|list|search|info)$/,
  }),
  firebase: tool({ writes: ['~/.cache/firebase', '~/.config', '.'], asks: /^(?:|help|list)$/, what: SETS }),
  gh: tool({
    writes: ['~/.config/gh', '~/.local/share/gh', '.'],
    asks: /^(?:|help|status|auth)$/,
    what: SETS,
  }),
  wp: tool({
    writes: ['.', '$WP_CLI_CACHE_DIR:~/.wp-cli', '~/.wp-cli', '/tmp'],
    outputs: 'path',
    asks: /^(?:|cli|help)$/,
    what: SETS,
  }),
};
