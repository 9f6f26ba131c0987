/** Ids that the manifest names as well. */
export const VIEWS = {
  layers: 'dockerfileLayers.layers',
  files: 'dockerfileLayers.files',
  images: 'dockerfileLayers.images',
} as const;

export const COMMANDS = {
  refresh: 'dockerfileLayers.refresh',
  openDockerfile: 'dockerfileLayers.openDockerfile',
  openImage: 'dockerfileLayers.openImage',
  chooseBuild: 'dockerfileLayers.chooseBuild',
  chooseStep: 'dockerfileLayers.chooseStep',
  showFiles: 'dockerfileLayers.showFiles',
  findFile: 'dockerfileLayers.findFile',
  openMergedFile: 'dockerfileLayers.openMergedFile',
  addWorkspaceFolder: 'dockerfileLayers.addWorkspaceFolder',
  compareFile: 'dockerfileLayers.compareFile',
  copyPath: 'dockerfileLayers.copyPath',
  showHistory: 'dockerfileLayers.showHistory',
  showLayer: 'dockerfileLayers.showLayer',
  showHeredoc: 'dockerfileLayers.showHeredoc',
  pointToArchive: 'dockerfileLayers.pointToArchive',
  getFromRegistry: 'dockerfileLayers.getFromRegistry',
  compareWithImage: 'dockerfileLayers.compareWithImage',
  refreshImages: 'dockerfileLayers.refreshImages',
  showImage: 'dockerfileLayers.showImage',
  copyImageId: 'dockerfileLayers.copyImageId',
  explainContext: 'dockerfileLayers.explainContext',
  revealLine: 'dockerfileLayers.revealLine',
  openFile: 'dockerfileLayers.openFile',
} as const;
