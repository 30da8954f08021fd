using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates one container of a pod.</summary>
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

        ResizePolicies(container, findings, path["resizePolicy"]);
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
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, port) in container.Items("ports").Index())
        {
            var at = path[i];
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

    /// <summary>The real server reports the list instead of its entries.</summary>
    private static void ResizePolicies(JsonObject container, Findings findings, FieldPath path)
    {
        foreach (var policy in container.Items("resizePolicy"))
        {
            findings.OneOf(path, policy.TextOrEmpty("resourceName"), "cpu", "memory");
            findings.OneOf(path, policy.TextOrEmpty("restartPolicy"), "NotRequired", "RestartContainer");
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
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, mount) in container.Items("volumeMounts").Index())
        {
            var at = path[i];
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

            // The real server omits the index here.
            VolumeValidation.RelativePath(findings, path["subPath"], mount.Text("subPath"));
        }
    }
}

/// <summary>Validates probes and lifecycle hooks.</summary>
internal static class ProbeValidation
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

    public static void Probe(JsonObject? probe, bool endsContainer, Findings findings, FieldPath path)
    {
        if (probe is null)
        {
            return;
        }

        Handler(probe, findings, path);
        foreach (var field in (ReadOnlySpan<string>)
            ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            findings.NonNegative(path[field], probe.Number(field));
        }

        if (endsContainer && probe.Number("successThreshold") is not (null or 1) and var threshold)
        {
            findings.Invalid(path["successThreshold"], threshold, "must be 1");
        }

        if (probe.Number("terminationGracePeriodSeconds") is <= 0 and var grace)
        {
            findings.Invalid(path["terminationGracePeriodSeconds"], grace, "must be greater than 0");
        }
    }

    public static void Hook(JsonObject? hook, Findings findings, FieldPath path)
    {
        if (hook is not null)
        {
            Handler(hook, findings, path);
        }
    }

    private static void Handler(JsonObject target, Findings findings, FieldPath path)
    {
        var given = Handlers.Where(kind => target.Has(kind)).ToList();
        if (given.Count == 0)
        {
            findings.Required(path, "must specify a handler type");
            return;
        }

        foreach (var extra in given.Skip(1))
        {
            findings.Forbidden(path[extra], "may not specify more than 1 handler type");
        }

        var handler = target.Map(given[0]);
        var at = path[given[0]];
        switch (given[0])
        {
            case "exec" when handler.List("command") is not { Count: > 0 }:
                findings.Required(at["command"]);
                break;
            case "httpGet":
                findings.PortReference(at["port"], handler?["port"]);
                findings.OneOf(at["scheme"], handler.Text("scheme"), "HTTP", "HTTPS");
                break;
            case "tcpSocket" or "grpc":
                findings.PortReference(at["port"], handler?["port"]);
                break;
        }
    }
}

/// <summary>Validates the resource requests and limits of a container.</summary>
internal static class ResourceValidation
{
    public static void Validate(JsonObject? resources, Findings findings, FieldPath path)
    {
        foreach (var (name, limit) in Amounts(resources, "limits"))
        {
            Amount(name, limit, findings, path["limits"]);
        }

        foreach (var (name, request) in Amounts(resources, "requests"))
        {
            if (Quantity.TryParse(resources.Text("limits", name), out var limit))
            {
                Compare(name, request, limit, findings, path["requests"]);
            }
            else if (!ResourceNames.MayBeOvercommitted(name))
            {
                findings.Required(path["limits"], "Limit must be set for non overcommitable resources");
            }

            Amount(name, request, findings, path["requests"]);
        }
    }

    /// <summary>Validates the container's references to resource claims of its pod.</summary>
    public static void Claims(
        IReadOnlyList<JsonObject> claims, HashSet<string> known, Findings findings, FieldPath container)
    {
        foreach (var (i, claim) in claims.Index())
        {
            var (path, name) = (container["resources"]["claims"][i], claim.TextOrEmpty("name"));
            if (name.Length == 0)
            {
                findings.Required(path);
            }
            else if (!known.Contains(name))
            {
                findings.NotFound(
                    path,
                    name,
                    "must be one of the names in pod.spec.resourceClaims"
                    + (known.Count == 0 ? " which is empty" : ": " + string.Join(", ", known.Order())));
            }
        }
    }

    private static IEnumerable<(string Name, Quantity Amount)> Amounts(JsonObject? resources, string side)
    {
        foreach (var (name, text) in resources.Map(side) ?? [])
        {
            if (Quantity.TryParse(text.Text(), out var amount))
            {
                yield return (name, amount);
            }
        }
    }

    private static void Compare(string name, Quantity request, Quantity limit, Findings findings, FieldPath path)
    {
        if (!ResourceNames.MayBeOvercommitted(name) && request.CompareTo(limit) != 0)
        {
            findings.Invalid(path, request.ToString(), $"must be equal to {name} limit of {limit}");
        }
        else if (request.CompareTo(limit) > 0)
        {
            findings.Invalid(path, request.ToString(), $"must be less than or equal to {name} limit of {limit}");
        }
    }

    private static void Amount(string name, Quantity amount, Findings findings, FieldPath path)
    {
        var at = path.Key(name);
        ResourceNames.OfContainer(name, findings, at);
        if (amount.Nanos.Sign < 0)
        {
            findings.Invalid(at, amount.ToString(), "must be greater than or equal to 0");
        }

        if (ResourceNames.IsInteger(name) && !amount.IsWhole)
        {
            findings.Invalid(at, amount.ToString(), "must be an integer");
        }
    }
}
