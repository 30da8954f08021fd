using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Validation;

/// <summary>The API server's warnings about pods and templates that it accepts.</summary>
internal static class PodWarnings
{
    public static void AddTo(ICollection<string> warnings, ResourceId resource, JsonObject content)
    {
        if (resource == KnownResources.Pods)
        {
            Spec(warnings, content.Map("spec"), FieldPath.At("spec"));
        }
        else if (resource == KnownResources.CronJobs)
        {
            Spec(
                warnings,
                content.Map("spec", "jobTemplate", "spec", "template", "spec"),
                FieldPath.At("spec.jobTemplate.spec.template.spec"));
        }
        else if (content.Map("spec", "template", "spec") is { } template)
        {
            Spec(warnings, template, FieldPath.At("spec.template.spec"));
        }
    }

    private static void Spec(ICollection<string> warnings, JsonObject? spec, FieldPath path)
    {
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            foreach (var (i, container) in spec.Items(list).Index())
            {
                var at = path[list][i];
                Variables(warnings, container, at["env"]);
                Ports(warnings, container, at["ports"]);
            }
        }
    }

    private static void Variables(ICollection<string> warnings, JsonObject container, FieldPath path)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, name) in container.Items("env").Select(variable => variable.Text("name") ?? "").Index())
        {
            if (!known.Add(name))
            {
                warnings.Add(
                    $"{path[i]}: hides previous definition of \"{name}\", which may be dropped when using apply");
            }
        }
    }

    private static void Ports(ICollection<string> warnings, JsonObject container, FieldPath path)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (i, port) in container.Items("ports").Index())
        {
            var key = string.Create(
                CultureInfo.InvariantCulture,
                $"{port.Text("protocol") ?? "TCP"}/{port.Number("containerPort")}/{port.Text("hostIP")}/"
                + $"{port.Number("hostPort")}");
            if (!known.TryAdd(key, i))
            {
                warnings.Add($"{path[i]}: duplicate port definition with {path[known[key]]}");
            }
        }
    }
}
