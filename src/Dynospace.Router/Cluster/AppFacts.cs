using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Runtime;

namespace Dynospace.Router.Cluster;

/// <summary>What the router keeps of an App. Config vars are none of its business and stay nowhere in its memory.</summary>
internal sealed record AppFacts
{
    /// <summary>The App's namespace and name.</summary>
    public required ObjectKey Key { get; init; }

    /// <summary>The hosts that the operator granted it; none before the operator has seen it.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Which of two apps has a host that both are granted still, while the operator takes it from one of them.</summary>
    public required HostSeniority Seniority { get; init; }

    /// <summary>Whether only the internal listener serves it.</summary>
    public bool HasInternalRouting { get; init; }

    public bool IsInMaintenance { get; init; }

    public bool RedirectsToHttps { get; init; }

    /// <summary>How many web dynos its spec asks for.</summary>
    public int WebQuantity { get; init; }

    /// <summary>Whether anything was released.</summary>
    public bool IsReleased { get; init; }

    /// <summary>The Secrets of its certificates, in its namespace.</summary>
    public IReadOnlyList<string> TlsSecrets { get; init; } = [];

    public static AppFacts Decode(JsonElement element) => Of(JsonObjects.To<App>(element));

    public static AppFacts Of(App app)
    {
        var web = app.Spec.Processes?.FirstOrDefault(process => process.Type == ProcessTypes.Web);
        return new AppFacts
        {
            Key = new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name),
            Hosts = [.. app.Status?.Hosts ?? []],
            Seniority = HostSeniority.Of(app),
            HasInternalRouting = app.Spec.InternalRouting,
            IsInMaintenance = app.Spec.Maintenance,
            RedirectsToHttps = app.Spec.Tls?.Redirect == true,
            WebQuantity = web is null ? 0 : app.Spec.Replicas ?? web.Quantity,
            IsReleased = app.Status?.Release is not null,
            TlsSecrets = TlsNames.SecretsOf(app),
        };
    }
}
