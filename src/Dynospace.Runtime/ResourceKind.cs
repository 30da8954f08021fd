// Dynospace.Runtime: what every Kubernetes object has: its kind, key, owner and JSON.

using System.Reflection;
using System.Text;
using k8s.Models;

namespace Dynospace.Runtime;

/// <summary>A kind of object and where the API server keeps it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, as in <c>v1</c>.</param>
/// <param name="Plural">The name in paths, as in <c>pods</c>.</param>
/// <param name="Kind">The name in objects, as in <c>Pod</c>.</param>
/// <param name="IsNamespaced">Whether objects live in a namespace.</param>
public sealed record ResourceKind(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    /// <summary>The objects' <c>apiVersion</c>.</summary>
    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind of a class that carries a <see cref="KubernetesEntityAttribute"/>.</summary>
    /// <param name="isNamespaced">
    /// The scope, which the attribute does not state. If null, the built-in cluster-scoped kinds are known and every
    /// other kind counts as namespaced.
    /// </param>
    /// <exception cref="ArgumentException">The class carries no such attribute.</exception>
    public static ResourceKind For<T>(bool? isNamespaced = null) => For(typeof(T), isNamespaced);

    /// <inheritdoc cref="For{T}(bool?)"/>
    public static ResourceKind For(Type type, bool? isNamespaced = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{type.Name} carries no KubernetesEntity attribute.", nameof(type));
        var group = entity.Group ?? "";
        return new ResourceKind(
            group, entity.ApiVersion, entity.PluralName, entity.Kind, isNamespaced ?? !ClusterScopedKinds.Contains(
                group, entity.Kind));
    }

    /// <summary>The path of all objects, or of those in one namespace.</summary>
    public string CollectionPath(string? @namespace) => Root(@namespace).Append(Plural).ToString();

    /// <summary>The path of one object or of a subresource of it.</summary>
    public string ObjectPath(ObjectKey key, string? subresource = null)
    {
        if (IsNamespaced && key.Namespace is null)
        {
            throw new ArgumentException($"{Kind} {key.Name} needs a namespace.", nameof(key));
        }

        var path = Root(key.Namespace).Append(Plural).Append('/').Append(Uri.EscapeDataString(key.Name));
        return subresource is null ? path.ToString() : path.Append('/').Append(subresource).ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} ({ApiVersion})";

    private StringBuilder Root(string? @namespace)
    {
        var path = new StringBuilder(Group.Length == 0 ? "api/" : "apis/").Append(ApiVersion).Append('/');
        return IsNamespaced && @namespace is not null
            ? path.Append("namespaces/").Append(Uri.EscapeDataString(@namespace)).Append('/')
            : path;
    }
}

/// <summary>
/// The built-in cluster-scoped kinds, since KubernetesClient's attributes do not state a kind's scope.
/// </summary>
internal static class ClusterScopedKinds
{
    public static bool Contains(string group, string kind) => group switch
    {
        "" => kind is "Namespace" or "Node" or "PersistentVolume",
        "admissionregistration.k8s.io" => kind is "MutatingWebhookConfiguration" or "ValidatingAdmissionPolicy"
            or "ValidatingAdmissionPolicyBinding" or "ValidatingWebhookConfiguration",
        "apiextensions.k8s.io" => kind is "CustomResourceDefinition",
        "apiregistration.k8s.io" => kind is "APIService",
        "certificates.k8s.io" => kind is "CertificateSigningRequest",
        "flowcontrol.apiserver.k8s.io" => kind is "FlowSchema" or "PriorityLevelConfiguration",
        "networking.k8s.io" => kind is "IngressClass" or "IPAddress" or "ServiceCIDR",
        "node.k8s.io" => kind is "RuntimeClass",
        "rbac.authorization.k8s.io" => kind is "ClusterRole" or "ClusterRoleBinding",
        "scheduling.k8s.io" => kind is "PriorityClass",
        "storage.k8s.io" => kind is "CSIDriver" or "CSINode" or "StorageClass" or "VolumeAttachment",
        _ => false,
    };
}
