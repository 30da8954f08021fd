using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>One entry of <c>managedFields</c>: who owns what, by which kind of write.</summary>
internal sealed record ManagerEntry(
    string Manager, bool IsApply, string ApiVersion, string Subresource, string? Time, FieldSet Fields)
{
    // As it was read, to be written again as long as the fields stay the same.
    private JsonObject? _read;

    private const string Apply = "Apply";
    private const string Update = "Update";
    private const string FieldsType = "FieldsV1";

    public FieldSet Fields
    {
        get;
        init
        {
            field = value;
            _read = null;
        }
    } = Fields;

    /// <summary>Who this is. An applier stays the same when it moves to another version of the API.</summary>
    public (string Manager, bool IsApply, string ApiVersion, string Subresource) Identity =>
        (Manager, IsApply, IsApply ? "" : ApiVersion, Subresource);

    public long Seconds =>
        DateTimeOffset.TryParse(Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeSeconds()
            : 0;

    /// <summary>The form in messages: <c>"kubectl-edit" using apps/v1</c>.</summary>
    public string Display
    {
        get
        {
            var text = GoText.JsonString(Manager);
            if (Subresource.Length > 0)
            {
                text += $" with subresource {GoText.JsonString(Subresource)}";
            }

            return IsApply ? text : $"{text} using {ApiVersion}";
        }
    }

    /// <summary>Null for an entry that the API would refuse.</summary>
    public static ManagerEntry? Read(JsonNode? node, bool isStored)
    {
        if (node is not JsonObject json
            || (string?)json["operation"] is not (Apply or Update)
            || (string?)json["apiVersion"] is not { Length: > 0 } version
            || (string?)json["fieldsType"] != FieldsType)
        {
            return null;
        }

        var fields = json["fieldsV1"] as JsonObject;
        return new(
            (string?)json["manager"] ?? "",
            (string?)json["operation"] == Apply,
            version,
            (string?)json["subresource"] ?? "",
            (string?)json["time"],
            fields is null ? new(0) : isStored ? FieldSetJson.ReadStored(fields) : FieldSetJson.Read(fields))
        {
            _read = fields,
        };
    }

    public JsonObject Write()
    {
        var json = new JsonObject
        {
            ["manager"] = Manager,
            ["operation"] = IsApply ? Apply : Update,
            ["apiVersion"] = ApiVersion,
        };
        if (Time is not null)
        {
            json["time"] = Time;
        }

        json["fieldsType"] = FieldsType;
        json["fieldsV1"] = _read is null ? FieldSetJson.Write(Fields) : FieldSetJson.Copy(_read, Fields);
        if (Subresource.Length > 0)
        {
            json["subresource"] = Subresource;
        }

        return json;
    }

    public static string Timestamp(DateTimeOffset now) =>
        now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
