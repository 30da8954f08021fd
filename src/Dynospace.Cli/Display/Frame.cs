using Dynospace.Cli.Platform;

namespace Dynospace.Cli.Display;

/// <summary>All that a screen shows at one moment.</summary>
/// <param name="Place">Where the cluster is.</param>
/// <param name="Tree">Spaces, apps and dynos.</param>
/// <param name="Waiting">What is not applied yet, and why.</param>
/// <param name="Web">Where routers are, and how to ask each app.</param>
/// <param name="ReadyAfter">How long it took until everything was ready for the first time; null before.</param>
internal sealed record Frame(Place Place, IReadOnlyList<SpaceNode> Tree, IReadOnlyList<string> Waiting, WebView Web, TimeSpan? ReadyAfter);
