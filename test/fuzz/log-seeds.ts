// Lines of the first logs, beside each format's example: answers, flows, other forms, and tables of devices.
import type { TextFormat } from '../../capture/logs/formats.ts'

export const MORE_LINES: Partial<Record<TextFormat, string[]>> = {
  dnsmasq: [
    'Jan  5 08:00:01 dnsmasq[7]: reply a.example is 93.184.216.34',
    'Jan  5 08:00:02 dnsmasq[7]: config blocked.example is NXDOMAIN',
    'Jan  5 08:00:03 dnsmasq-dhcp[7]: DHCPACK(br-lan) 192.168.1.10 02:00:00:00:00:0a lamp',
    '1767596400 02:00:00:00:00:0a 192.168.1.10 lamp 01:02:00:00:00:00:0a',
    '192.168.1.11     0x1         0x2         02:00:00:00:00:0b     *        br-lan',
  ],
  zeek: [
    '#separator \\x09',
    '#path\tconn',
    '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\torig_bytes\tresp_bytes\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes',
    '1767596401.5\tC1\t192.168.1.10\t40000\t93.184.216.34\t443\ttcp\t90.5\t1000\t2000\t10\t1400\t12\t2480',
    '{"_path":"conn","ts":1767596402.5,"uid":"C2","id.orig_h":"192.168.1.11","id.orig_p":40001,"id.resp_h":"93.184.216.34","id.resp_p":443,"proto":"tcp","duration":3600.5,"orig_ip_bytes":9000,"resp_ip_bytes":80000}',
    '{"_path":"ssl","ts":1767596402.6,"uid":"C2","id.orig_h":"192.168.1.11","id.resp_h":"93.184.216.34","id.resp_p":443,"server_name":"api.example.com"}',
  ],
  technitium: [
    '[2026-01-05 08:00:00 Local] [[fd00::5]:40000] [HTTPS] QNAME: ads.example; QTYPE: AAAA; QCLASS: IN; RCODE: NxDomain; ANSWER: []',
    '{"answers":[{"name":"a.example","recordType":"A","recordData":"192.0.2.7"}],"clientIp":"192.168.1.10","question":{"questionClass":"IN","questionName":"a.example","questionType":"A"},"responseCode":"NoError","responseType":"Blocked","timestamp":"2026-01-05T08:00:00.000Z"}',
    'RowNumber,Timestamp,ClientIpAddress,Protocol,ResponseType,ResponseRtt,RCODE,Domain,Type,Class,Answer',
    '1,2026-01-05T08:00:00.0000000Z,192.168.1.10,Udp,Recursive,3.2,NoError,a.example,A,IN,"192.0.2.7, 192.0.2.8"',
  ],
  nextdns: [
    'timestamp,domain,query_type,dnssec,protocol,client_ip,status,reasons,destination_country,root_domain,device_id,device_name,device_model,device_local_ip,matched_name,client_name',
    '2026-01-05T08:00:00.000Z,b.example,A,false,DNS-over-HTTPS,8.8.4.4,blocked,,US,b.example,ABC12,"Cam, ""old""",,,,apple-profile',
  ],
  controld: [
    '{"body":{"queries":[{"queryTime":"2026-01-05T08:00:00Z","question":"a.example","rrType":"A","rcode":0,"action":0,"sourceIp":"8.8.4.4","clientId":"0200000000a5"}]}}',
    '[',
    '  {',
    '    "queryTime": "2026-01-05T08:00:00Z",',
    '    "question": "b.example", "endpointId": "x1",',
    '    "answers": [{ "rdata": "192.0.2.7" }]',
    '  },',
    ']',
  ],
  coredns: ['[INFO] {"remote":"10.0.0.5","type":"A","class":"IN","name":"a.example.","rcode":"NOERROR"}'],
  'dnscrypt-proxy': [
    'time:1767596400\thost:192.168.1.10\tmessage:a.example\ttype:A\treturn:REJECT\tcached:0\tduration:1\tserver:x',
  ],
  blocky: [
    '[2026-01-05 08:00:00]  INFO queryLog: query resolved answer=CNAME (b.example.), A (192.0.2.7) client_ip=192.168.1.10 client_names=cam; cam.lan question_name=a.example. question_type=A response_code=NOERROR response_reason=RESOLVED (x) response_type=RESOLVED',
  ],
  pfblockerng: ['DNS-reply,2026-01-05 08:00:00,reply,A,A,60,a.example,192.168.1.10,192.0.2.7,US'],
  suricata: [
    '{"timestamp":"2026-01-05T08:00:00.000000+0100","flow_id":7,"event_type":"tls","src_ip":"192.168.1.10","src_port":40000,"dest_ip":"93.184.216.34","dest_port":443,"tls":{"sni":"api.example.com"}}',
    '{"timestamp":"2026-01-05T08:00:00.000000+0100","flow_id":7,"event_type":"flow","src_ip":"192.168.1.10","src_port":40000,"dest_ip":"93.184.216.34","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":9,"pkts_toclient":9,"bytes_toserver":1001,"bytes_toclient":50003,"start":"2026-01-05T07:59:00.000000+0100","end":"2026-01-05T08:00:00.000000+0100","age":60},"ether":{"src_macs":["02:00:00:00:00:0a"],"dest_macs":["02:00:00:00:00:01"]}}',
    '{"timestamp":"2026-01-05T08:00:00Z","event_type":"dns","src_ip":"192.168.1.10","src_port":40001,"dest_ip":"192.168.1.1","dest_port":53,"dns":{"version":3,"type":"response","id":1,"rcode":"NOERROR","queries":[{"rrname":"a.example","rrtype":"A"}],"answers":[{"rrname":"a.example","rrtype":"A","rdata":"192.0.2.7"}]}}',
  ],
}

/** Tables of devices, each a whole text: they are read from what stands in a log as well. */
export const TABLES: readonly string[] = [
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n192.168.1.10,02:00:00:00:00:0a,,3600,1900000000,1,0,0,lamp,0,\n',
  '# br-lan 02000000000b ipv4 tv 1900000000 c0a8010b 32 192.168.1.11/32\n192.168.1.11\ttv.lan\ttv\n',
  'lease 192.168.1.12 {\n  binding state active;\n  hardware ethernet 02:00:00:00:00:0c;\n  client-hostname "K\\303\\274che";\n}\n',
]
