using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;

namespace Dynospace.Cli.Platform;

/// <summary>All that is known of spaces, apps and dynos at one moment.</summary>
/// <param name="WebAddresses">The address of each app's web Service, by the app's key.</param>
internal sealed record PlatformState(
    IReadOnlyCollection<Space> Spaces,
    IReadOnlyCollection<App> Apps,
    IReadOnlyCollection<Dyno> Dynos,
    IReadOnlyDictionary<ObjectKey, string> WebAddresses)
{
    public static PlatformState Empty { get; } = new([], [], [], new Dictionary<ObjectKey, string>());
}
