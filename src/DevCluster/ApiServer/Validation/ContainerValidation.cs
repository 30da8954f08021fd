using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>One container of a pod.</summary>
internal static class ContainerValidation
{
    private static readonly string[] RegularOnly = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];

    public static void Validate(
        JsonObject container,
        bool isInit,
        IReadOnlySet<string> volumes,
        bool isOnHost,
        Findings findings,
        FieldPath path)
    {
        Name(container, findings, path["name"]);
        if (string.IsNullOrEmpty(container.Text("image")))
        {
            findings.Required(path["image"]);
        }

        Ports(container, isOnHost, findings, path["ports"]);
        EnvironmentValidation.Validate(container, findings, path);
        Mounts(container, volumes, findings, path["volumeMounts"]);
        findings.OneOf(path["imagePullPolicy"], container.Text("imagePullPolicy"), "Always", "IfNotPresent", "Never");
        ResourceValidation.Validate(container.Map("resources"), findings, path["resources"]);
        SecurityContextValidation.Container(container.Map("securityContext"), findings, path["securityContext"]);
        if (isInit && container.Text("restartPolicy") != "Always")
        {
            foreach (var field in RegularOnly.Where(field => container.Has(field)))
            {
                findings.Forbidden(path[field], "may not be set for init containers without restartPolicy=Always");
            }
        }
        else
        {
            ProbeValidation.Hook(container.Map("lifecycle", "postStart"), findings, path["lifecycle"]["postStart"]);
            ProbeValidation.Hook(container.Map("lifecycle", "preStop"), findings, path["lifecycle"]["preStop"]);
            ProbeValidation.Probe(container.Map("livenessProbe"), true, findings, path["livenessProbe"]);
            ProbeValidation.Probe(container.Map("readinessProbe"), false, findings, path["readinessProbe"]);
            ProbeValidation.Probe(container.Map("startupProbe"), true, findings, path["startupProbe"]);
        }

        findings.OneOf(
            path["terminationMessagePolicy"],
            container.Text("terminationMessagePolicy"),
            "FallbackToLogsOnError",
            "File");
    }

    private static void Name(JsonObject container, Findings findings, FieldPath path)
    {
        if (container.Text("name") is { Length: > 0 } name)
        {
            findings.Invalid(path, name, NameFormats.Label(name));
        }
        else
        {
            findings.Required(path);
        }
    }

    private static void Ports(JsonObject container, bool isOnHost, Findings findings, FieldPath path)
    {
        var index = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in container.Items("ports"))
        {
            var at = path[index++];
            if (port.Text("name") is { Length: > 0 } name)
            {
                var problems = NameFormats.PortName(name).ToList();
                findings.Invalid(at["name"], name, problems);
                if (problems.Count == 0 && !names.Add(name))
                {
                    findings.Duplicate(at["name"], name);
                }
            }

            PortNumbers(port, isOnHost, findings, at);
            findings.OneOf(at["protocol"], port.Text("protocol"), "SCTP", "TCP", "UDP");
        }
    }

    private static void PortNumbers(JsonObject port, bool isOnHost, Findings findings, FieldPath path)
    {
        var number = port.Number("containerPort") ?? 0;
        if (number == 0)
        {
            findings.Required(path["containerPort"]);
        }
        else
        {
            findings.Port(path["containerPort"], number);
        }

        if (port.Number("hostPort") is not (not null and not 0 and var host))
        {
            return;
        }

        findings.Port(path["hostPort"], host.Value);
        if (isOnHost && host != number)
        {
            findings.Invalid(path["hostPort"], host, "must match `containerPort` when `hostNetwork` is true");
        }
    }

    private static void Mounts(JsonObject container, IReadOnlySet<string> volumes, Findings findings, FieldPath path)
    {
        var index = 0;
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mount in container.Items("volumeMounts"))
        {
            var at = path[index++];
            var name = mount.Text("name") ?? "";
            if (name.Length == 0)
            {
                findings.Required(at["name"]);
            }
            else if (!volumes.Contains(name))
            {
                findings.NotFound(at["name"], name);
            }

            var target = mount.Text("mountPath") ?? "";
            if (target.Length == 0)
            {
                findings.Required(at["mountPath"]);
            }
            else if (!paths.Add(target))
            {
                findings.Invalid(at["mountPath"], target, "must be unique");
            }

            // The real server leaves the index out here.
            VolumeValidation.RelativePath(findings, path["subPath"], mount.Text("subPath"));
        }
    }
}
