namespace Dynospace.Cli.Display;

/// <summary>Where the cluster is, as people type it.</summary>
/// <param name="Address">The API server.</param>
/// <param name="Kubeconfig">The kubeconfig's path.</param>
/// <param name="LogFile">The operator's log.</param>
/// <param name="RouterLogFile">The routers' log.</param>
internal sealed record Place(Uri Address, string Kubeconfig, string LogFile, string RouterLogFile);
