using System.Globalization;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>The environment of a dyno. Variables win over sources, and later sources over earlier ones, as the API defines it.</summary>
internal static class PodEnvironment
{
    private const string Dyno = "DYNO";
    private const string Port = "PORT";

    public static IList<V1EnvVar> Variables(PodTemplate template, PlatformOptions options)
    {
        var variables = new List<V1EnvVar>(template.Release.Config.Count + 2);
        foreach (var (name, value) in template.Release.Config)
        {
            if (name is not (Dyno or Port))
            {
                variables.Add(new() { Name = name, Value = Literal(value) });
            }
        }

        var spec = template.Dyno.Spec;
        variables.Add(new() { Name = Dyno, Value = string.Create(CultureInfo.InvariantCulture, $"{spec.ProcessType}.{spec.Index}") });
        if (template.IsWeb)
        {
            variables.Add(new() { Name = Port, Value = options.Dynos.Port.ToString(CultureInfo.InvariantCulture) });
        }

        return variables;
    }

    public static IList<V1EnvFromSource>? Sources(PodTemplate template) =>
        template.Release.ConfigFrom.Count == 0
            ? null
            : [.. template.Release.ConfigFrom.Select(secret => new V1EnvFromSource { SecretRef = new() { Name = secret } })];

    /// <summary>The kubelet expands $(NAME) in values and reads $$ as one dollar sign; config vars mean what they say.</summary>
    private static string Literal(string value) => value.Replace("$", "$$", StringComparison.Ordinal);
}
