using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Tests.Structural;

public sealed class BuiltInSchemasTests
{
    public static TheoryData<string, string, string, string> Lists() => new()
    {
        { "v1", "Pod", "spec.containers", "name" },
        { "v1", "Pod", "spec.initContainers", "name" },
        { "v1", "Pod", "spec.containers[].ports", "containerPort,protocol" },
        { "v1", "Pod", "spec.containers[].env", "name" },
        { "v1", "Pod", "spec.containers[].volumeMounts", "mountPath" },
        { "v1", "Pod", "spec.volumes", "name" },
        { "v1", "Pod", "spec.imagePullSecrets", "name" },
        { "v1", "Pod", "spec.hostAliases", "ip" },
        { "v1", "Pod", "spec.topologySpreadConstraints", "topologyKey,whenUnsatisfiable" },
        { "v1", "Pod", "status.conditions", "type" },
        { "v1", "Pod", "status.podIPs", "ip" },
        { "v1", "Pod", "metadata.ownerReferences", "uid" },
        { "v1", "Service", "spec.ports", "port,protocol" },
        { "v1", "Node", "status.conditions", "type" },
        { "apps/v1", "Deployment", "spec.template.spec.containers", "name" },
        { "apps/v1", "StatefulSet", "status.conditions", "type" },
        { "autoscaling/v2", "HorizontalPodAutoscaler", "status.conditions", "type" },
        { "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "webhooks", "name" },
        { "apiextensions.k8s.io/v1", "CustomResourceDefinition", "status.conditions", "type" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void Lists_that_merge_name_their_keys(string apiVersion, string kind, string path, string keys)
    {
        var list = At(apiVersion, kind, path);

        Assert.Equal("array", list.Type);
        Assert.Equal(ListType.Map, list.ListType);
        Assert.Equal(keys.Split(','), list.ListMapKeys);
    }

    [Theory]
    [InlineData("v1", "Pod", "spec.tolerations")]
    [InlineData("v1", "Pod", "spec.containers[].command")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", "spec.ingress")]
    [InlineData("networking.k8s.io/v1", "Ingress", "spec.rules")]
    [InlineData("rbac.authorization.k8s.io/v1", "Role", "rules")]
    [InlineData("rbac.authorization.k8s.io/v1", "RoleBinding", "subjects")]
    [InlineData("discovery.k8s.io/v1", "EndpointSlice", "endpoints")]
    public void Other_lists_are_atomic(string apiVersion, string kind, string path) =>
        Assert.Equal(ListType.Atomic, At(apiVersion, kind, path).ListType);

    [Theory]
    [InlineData("v1", "Service", "spec.selector")]
    [InlineData("v1", "Pod", "spec.nodeSelector")]
    [InlineData("apps/v1", "Deployment", "spec.selector")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", "spec.podSelector")]
    [InlineData("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef")]
    [InlineData("v1", "Pod", "spec.containers[].env[].valueFrom.secretKeyRef")]
    [InlineData("v1", "Event", "involvedObject")]
    public void Selectors_and_references_are_atomic_maps(string apiVersion, string kind, string path) =>
        Assert.True(At(apiVersion, kind, path).IsAtomicMap);

    [Theory]
    [InlineData("v1", "Pod", "metadata.labels")]
    [InlineData("v1", "ConfigMap", "data")]
    [InlineData("v1", "Pod", "spec.containers[].resources.limits")]
    [InlineData("v1", "PersistentVolume", "spec.claimRef")]
    public void Other_maps_are_owned_by_key(string apiVersion, string kind, string path) =>
        Assert.False(At(apiVersion, kind, path).IsAtomicMap);

    [Theory]
    [InlineData("v1", "Pod", "spec.terminationGracePeriodSeconds", "integer", "int64")]
    [InlineData("v1", "Pod", "spec.containers[].ports[].containerPort", "integer", "int32")]
    [InlineData("v1", "Secret", "data{}", "string", "byte")]
    [InlineData("v1", "Pod", "metadata.creationTimestamp", "string", "date-time")]
    [InlineData("v1", "Pod", "spec.containers[].stdin", "boolean", null)]
    [InlineData("v1", "Pod", "spec.containers[].resources.limits{}", "", null)]
    [InlineData("v1", "Service", "spec.ports[].targetPort", "", "int-or-string")]
    public void Scalars_have_the_types_of_the_API(
        string apiVersion, string kind, string path, string type, string? format)
    {
        var schema = At(apiVersion, kind, path);

        Assert.Equal(type, schema.Type);
        Assert.Equal(format, schema.Format);
    }

    [Fact]
    public void A_lease_has_times_to_the_microsecond() =>
        Assert.Equal(
            "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
            At("coordination.k8s.io/v1", "Lease", "spec.renewTime").Definition);

    [Fact]
    public void Strategic_merge_knows_strategies_and_keys()
    {
        var volumes = At("v1", "Pod", "spec.volumes");
        Assert.True(volumes.PatchMerges && volumes.PatchRetainsKeys);
        Assert.Equal("name", volumes.PatchMergeKey);

        var finalizers = At("v1", "Pod", "metadata.finalizers");
        Assert.True(finalizers.PatchMerges);
        Assert.Null(finalizers.PatchMergeKey);

        Assert.True(At("apps/v1", "Deployment", "spec.strategy").PatchRetainsKeys);
        Assert.True(At("policy/v1", "PodDisruptionBudget", "spec.selector").PatchReplaces);
        Assert.False(At("v1", "Pod", "spec.tolerations").PatchMerges);
    }

    [Fact]
    public void Required_fields_enums_and_defaults_are_known()
    {
        Assert.Equal(["containers"], At("v1", "Pod", "spec").Required);
        var protocol = At("v1", "Service", "spec.ports[].protocol");
        Assert.Equal(["SCTP", "TCP", "UDP"], protocol.Enum.Select(e => e!.GetValue<string>()));
        Assert.Equal("TCP", protocol.Default!.GetValue<string>());
        Assert.Contains(
            "Ingress",
            At("networking.k8s.io/v1", "NetworkPolicy", "spec.policyTypes[]").Enum.Select(e => e!.GetValue<string>()));
    }

    [Fact]
    public void The_schema_of_schemas_is_recursive()
    {
        var path = "spec.versions[].schema.openAPIV3Schema" + string.Concat(Enumerable.Repeat(".properties{}", 20));

        Assert.Equal("object", At("apiextensions.k8s.io/v1", "CustomResourceDefinition", path).Type);
        Assert.True(At("apiextensions.k8s.io/v1", "CustomResourceDefinition", path + ".items").PreserveUnknownFields);
    }

    [Fact]
    public void Two_kinds_of_one_name_differ_by_their_group()
    {
        Assert.True(BuiltInSchemas.For("v1", "Event").Properties.ContainsKey("involvedObject"));
        Assert.True(BuiltInSchemas.For("events.k8s.io/v1", "Event").Properties.ContainsKey("regarding"));
        Assert.Equal("io.k8s.api.events.v1.Event", BuiltInSchemas.For("events.k8s.io/v1", "Event").Definition);
    }

    [Fact]
    public void Every_fact_of_the_table_is_about_a_field_that_the_model_has()
    {
        foreach (var (definition, schema) in AllDefinitions())
        {
            foreach (var field in BuiltInFacts.Find(ModelName(definition))?.Fields.Keys ?? [])
            {
                Assert.True(schema.Properties.ContainsKey(field), $"{definition} has no {field}");
            }

            foreach (var field in schema.Required)
            {
                Assert.True(schema.Properties.ContainsKey(field), $"{definition} has no {field}");
            }
        }
    }

    [Fact]
    public void An_unknown_kind_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => BuiltInSchemas.For("v1", "Pot"));
        Assert.Contains("Pot", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptions_come_from_the_documentation_of_the_models()
    {
        var ports = At("v1", "Pod", "spec.containers[].ports[].containerPort");

        Assert.StartsWith(
            "Number of port to expose on the pod's IP address.", ports.Description, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', ports.Description!);
        Assert.NotNull(BuiltInSchemas.For("v1", "Pod").Description);
    }

    private static string ModelName(string definition)
    {
        var parts = definition.Split('.');
        return $"{char.ToUpperInvariant(parts[^2][0])}{parts[^2][1..]}{parts[^1]}";
    }

    private static Dictionary<string, TypeSchema> AllDefinitions()
    {
        var found = new Dictionary<string, TypeSchema>();
        (string, string)[] kinds =
        [
            ("v1", "Pod"), ("v1", "Service"), ("v1", "Node"), ("v1", "Namespace"), ("v1", "PersistentVolume"),
            ("v1", "PersistentVolumeClaim"),
            ("v1", "Secret"),
            ("v1", "ServiceAccount"),
            ("apps/v1", "Deployment"),
            ("apps/v1", "StatefulSet"),
            ("apps/v1", "DaemonSet"),
            ("batch/v1", "CronJob"),
            ("networking.k8s.io/v1", "NetworkPolicy"),
            ("networking.k8s.io/v1", "Ingress"),
            ("discovery.k8s.io/v1", "EndpointSlice"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole"),
            ("policy/v1", "PodDisruptionBudget"),
            ("autoscaling/v2", "HorizontalPodAutoscaler"), ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
            ("coordination.k8s.io/v1", "Lease"),
            ("v1", "Event"),
        ];
        foreach (var (apiVersion, kind) in kinds)
        {
            Collect(BuiltInSchemas.For(apiVersion, kind), found);
        }

        return found;
    }

    private static void Collect(TypeSchema? schema, Dictionary<string, TypeSchema> found)
    {
        if (schema is null || (schema.Definition is { } definition && !found.TryAdd(definition, schema)))
        {
            return;
        }

        Collect(schema.Items, found);
        Collect(schema.AdditionalProperties, found);
        foreach (var property in schema.Properties.Values)
        {
            Collect(property, found);
        }
    }

    /// <summary>Walks <c>spec.containers[].ports</c>; <c>{}</c> is a map's value.</summary>
    private static TypeSchema At(string apiVersion, string kind, string path)
    {
        var schema = BuiltInSchemas.For(apiVersion, kind);
        foreach (var step in path.Split('.'))
        {
            schema = schema.Properties[step.TrimEnd('[', ']', '{', '}')];
            schema = step.EndsWith("[]", StringComparison.Ordinal) ? schema.Items! : schema;
            schema = step.EndsWith("{}", StringComparison.Ordinal) ? schema.AdditionalProperties! : schema;
        }

        return schema;
    }
}
