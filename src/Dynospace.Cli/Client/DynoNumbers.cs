using System.Globalization;
using Dynospace.Api.Dynos;

namespace Dynospace.Cli.Client;

/// <summary>
/// Dynos by the names that people use, <c>web.1</c>: those of runs are not the names of their objects.
/// </summary>
internal static class DynoNumbers
{
    /// <summary>The number; 0 for a run that the operator has not given one yet.</summary>
    public static int Of(Dyno dyno) => dyno.Spec.Index > 0 ? dyno.Spec.Index : dyno.Status?.Index ?? 0;

    public static string NameOf(Dyno dyno) => Of(dyno) is > 0 and var number
        ? string.Create(CultureInfo.InvariantCulture, $"{dyno.Spec.ProcessType}.{number}")
        : dyno.Metadata.Name[(dyno.Spec.App.Length + 1)..];
}
