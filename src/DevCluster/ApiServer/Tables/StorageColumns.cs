using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of volumes, claims and storage classes.</summary>
internal static class StorageColumns
{
    private const string Unset = "<unset>";

    public static IReadOnlyList<TableColumn> PersistentVolumes { get; } =
    [
        Columns.Name,
        Columns.Text("Capacity", content => content.CellOr("0", "spec", "capacity", "storage")),
        Columns.Text("Access Modes", content => AccessModes(content.Texts("spec", "accessModes"))),
        Columns.Text("Reclaim Policy", content => content.Cell("spec", "persistentVolumeReclaimPolicy")),
        Columns.Text("Status", Phase),
        Columns.Text(
            "Claim",
            content => content.At("spec", "claimRef") is { } claim
                ? $"{claim.Cell("namespace")}/{claim.Cell("name")}"
                : ""),
        Columns.Text("StorageClass", StorageClass),
        Columns.Text("VolumeAttributesClass", content => content.CellOr(Unset, "spec", "volumeAttributesClassName")),
        Columns.Text("Reason", content => content.Cell("status", "reason")),
        Columns.AgeText,
        Columns.Wide(Columns.Text("VolumeMode", content => content.CellOr(Unset, "spec", "volumeMode"))),
    ];

    public static IReadOnlyList<TableColumn> PersistentVolumeClaims { get; } =
    [
        Columns.Name,
        Columns.Text("Status", Phase),
        Columns.Text("Volume", content => content.Cell("spec", "volumeName")),
        Columns.Text(
            "Capacity", content => IsBound(content) ? content.CellOr("0", "status", "capacity", "storage") : ""),
        Columns.Text(
            "Access Modes", content => IsBound(content) ? AccessModes(content.Texts("status", "accessModes")) : ""),
        Columns.Text("StorageClass", StorageClass),
        Columns.Text("VolumeAttributesClass", content => content.CellOr(Unset, "spec", "volumeAttributesClassName")),
        Columns.AgeText,
        Columns.Wide(Columns.Text("VolumeMode", content => content.CellOr(Unset, "spec", "volumeMode"))),
    ];

    public static IReadOnlyList<TableColumn> StorageClasses { get; } =
    [
        Columns.NameWithDefault("storageclass.kubernetes.io/is-default-class"),
        Columns.Text("Provisioner", content => content.Cell("provisioner")),
        Columns.Text("ReclaimPolicy", content => content.CellOr("Delete", "reclaimPolicy")),
        Columns.Text("VolumeBindingMode", content => content.CellOr("Immediate", "volumeBindingMode")),
        new("AllowVolumeExpansion", "string", (content, _) => content.IsTrue("allowVolumeExpansion")),
        Columns.AgeText,
    ];

    private static bool IsBound(JsonObject claim) => claim.Cell("spec", "volumeName").Length > 0;

    private static string Phase(JsonObject content) =>
        content.At("metadata", "deletionTimestamp") is not null ? "Terminating" : content.Cell("status", "phase");

    private static string StorageClass(JsonObject content) =>
        content.CellOr(
            content.Cell("spec", "storageClassName"),
            "metadata",
            "annotations",
            "volume.beta.kubernetes.io/storage-class");

    private static string AccessModes(IReadOnlyList<string> modes) =>
        string.Join(
            ',',
            new[]
            {
                ("ReadWriteOnce", "RWO"),
                ("ReadOnlyMany", "ROX"),
                ("ReadWriteMany", "RWX"),
                ("ReadWriteOncePod", "RWOP"),
            }
                .Where(mode => modes.Contains(mode.Item1))
                .Select(mode => mode.Item2));
}
