using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;

namespace Dynospace.Planning.Apps;

/// <summary>How many dynos of which types an app wishes for.</summary>
internal static class Formation
{
    /// <summary>In the order of the spec; <c>spec.replicas</c> takes the place of web's quantity.</summary>
    public static IReadOnlyList<WishedProcess> Of(AppSpec spec) =>
        [.. (spec.Processes ?? []).Select(process => Of(process, spec))];

    /// <summary>As people write it: <c>web=2 worker=1</c>.</summary>
    public static string Format(IEnumerable<WishedProcess> formation) =>
        string.Join(' ', formation.Select(process => string.Create(CultureInfo.InvariantCulture, $"{process.Type}={process.Quantity}")));

    private static WishedProcess Of(ProcessSpec process, AppSpec spec) =>
        new(process.Type, QuantityOf(process, spec), process.Size, process.Command is { Count: > 0 });

    private static int QuantityOf(ProcessSpec process, AppSpec spec) =>
        process.Type == ProcessTypes.Web && spec.Replicas is { } replicas ? replicas : process.Quantity;
}
