using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Dynos;

/// <summary>All that a dyno's pod is made of, apart from its name.</summary>
internal sealed record PodTemplate(Dyno Dyno, App App, SpaceFacts Space, ReleaseRecord Release)
{
    /// <summary>A formation runs the release's command; only people's one-offs bring their own.</summary>
    public IReadOnlyList<string> Command => Dyno.Spec.ProcessType switch
    {
        ProcessTypes.Run => [.. Dyno.Spec.Command ?? []],
        ProcessTypes.Release => Release.ReleaseCommand,
        var type => Release.Commands.GetValueOrDefault(type) ?? [],
    };

    public bool IsWeb => Dyno.Spec.ProcessType == ProcessTypes.Web;

    public string Routing => ChildLabels.RoutingOf(Dyno.Spec.ProcessType, App.Spec.InternalRouting, Space.Runtime);

    /// <summary>
    /// Changes where a running dyno must be replaced: another release, size or port. What the operator itself does otherwise in a newer
    /// version is not in it: an upgrade of the operator restarts no dyno, and its pods change with their next replacement.
    /// </summary>
    public string Hash(PlatformOptions options) =>
        new StableHash().Add(Release.Number).Add(Release.Hash).Add(Dyno.Spec.Size).Add(IsWeb ? options.Dynos.Port : 0).Add(Routing).ToHex();
}
